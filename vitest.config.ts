import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** Trainings of the shipped recipes, and files of tests that take more than about ten seconds. */
const long = ['test/recipes/**/*.test.ts', 'test/**/*.long.test.ts']

export default defineConfig({
  test: {
    // onnxruntime uses every core by itself: more workers than two only make the machine slower.
    maxWorkers: 2,
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'program',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/renderer/**', ...long],
        },
      },
      { extends: true, test: { name: 'long', include: long } },
      {
        extends: true,
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'page',
          include: ['test/renderer/**/*.test.ts'],
          environment: './test/support/page-environment.ts',
          server: { deps: { inline: ['svelte'] } },
        },
      },
    ],
  },
})
