import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    // onnxruntime uses every core by itself: more workers than two only make the machine slower.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
})
