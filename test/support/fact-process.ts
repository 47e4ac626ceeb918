import { processChannel } from '../../src-main/transport/process-channel.ts'
import { serve } from '../../src-main/transport/serve.ts'
import { facts, fakeEngine } from './fake-engine.ts'

// The child of `channels.test.ts`.
const channel = processChannel(process)
serve(channel, {
  engine: fakeEngine({
    doctor: () => Promise.resolve(facts),
    stop: () => Promise.resolve(undefined),
    recipes: () => new Promise(() => undefined),
  }),
})
