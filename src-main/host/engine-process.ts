import { parseArgs } from 'node:util'
import { EngineChoice } from '../contract/engines.ts'
import { createEngine } from '../engine/engine.ts'
import { processChannel } from '../transport/process-channel.ts'
import { serve } from '../transport/serve.ts'

// The engine's own process: a plain Node one, started by `engine-child.ts`. Native sharp crashes inside Electron, and a
// network that runs blocks the event loop. An error that nothing catches is printed and ends it with code 1, as Node does.

/** Time for work under way to stop and files to be put in order (a training's weights) once the parent is gone, ms. */
const farewell = 30_000

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    assets: { type: 'string' },
    engine: { type: 'string' },
    threads: { type: 'string' },
  },
})
if (process.send === undefined) {
  console.error('This program is started by Latent Darkroom, over a message channel.')
  process.exit(2)
}

const engine = createEngine({
  ...(values.home !== undefined && { home: values.home }),
  ...(values.assets !== undefined && { assets: values.assets }),
  ...(values.engine !== undefined && { engine: EngineChoice.parse(values.engine) }),
  ...(values.threads !== undefined && { threads: Number(values.threads) }),
  onError: (thrown) => console.error(thrown),
})
let closing: Promise<void> | null = null
const close = (): Promise<void> => (closing ??= engine.close())

const channel = processChannel(process)
serve(channel, { engine: { ...engine, close } })
channel.onClose(() => {
  setTimeout(() => process.exit(1), farewell)
  void close().then(() => process.exit(0))
})
// Ctrl-C in a terminal reaches the whole group; the parent is the one to decide what ends when.
process.on('SIGINT', () => undefined)
