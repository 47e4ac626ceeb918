import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { measureEvidence } from './evidence.ts'
import type { Answer, Call } from './measuring.ts'
import { measureNoise } from './noise-facts.ts'

// The thread of `measuring.ts`: one call after another.
const port = parentPort!
// Of this thread alone, which only Linux knows: it takes the time that the network's threads leave, and at least a tenth of a core.
if (process.platform === 'linux') setPriority(10)
port.on('message', ({ id, asked }: Call) => {
  const answer: Answer = {
    id,
    found: asked.measure === 'noise' ? measureNoise(...asked.of) : measureEvidence(...asked.of),
  }
  port.postMessage(answer)
})
