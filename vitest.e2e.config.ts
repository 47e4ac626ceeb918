import { defineConfig } from 'vitest/config'

// Whole programs on real files: one at a time, each with the machine to itself. They run what `npm run build` made.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
