import type { Environment } from 'vitest/runtime'

/** Compiles modules as for the browser, so that runes react, without a document: state modules need none. */
export default {
  name: 'page',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment
