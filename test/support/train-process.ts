import { openBackend } from '../../src-main/engine/backend/select.ts'
import { train } from '../../src-main/engine/training/train.ts'
import { killedRecipe, trainingOf } from './training.ts'

// The child of `killed.test.ts`: trains into the folder that is its argument until it is killed.
const backend = await openBackend('traced', { threads: 1 })
const pause = (): Promise<void> => {
  process.stdout.write('step\n')
  return Promise.resolve()
}
await train({ ...trainingOf(backend, killedRecipe, process.argv[2]!), resume: true, pause })
