import { fileURLToPath } from 'node:url'

/** How tests start the engine's own process: straight from the sources. */
export const fromSources = {
  node: process.execPath,
  entry: fileURLToPath(new URL('../../src-main/host/engine-process.ts', import.meta.url)),
  // By address: the child runs in another folder, from which the name would not be found.
  nodeArguments: ['--import', import.meta.resolve('tsx')],
}
