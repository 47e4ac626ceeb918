import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { train } from '../../src-main/engine/training/train.ts'
import { killedRecipe, trainingOf } from './training.ts'

// The child of `killed.test.ts`: trains into the folder that is its argument, and is killed with half a checkpoint written.
const { writeFile } = promises
let left = 4
Object.assign(promises, {
  writeFile: async (path: string, data: Uint8Array) => {
    if (!path.includes('checkpoints') || --left > 0) return writeFile(path, data)
    await writeFile(path, data.subarray(0, data.length / 2))
    process.kill(process.pid, 'SIGKILL')
  },
})
syncBuiltinESMExports()

const backend = await openBackend('traced', { threads: 1 })
await train({ ...trainingOf(backend, killedRecipe, process.argv[2]!), resume: true })
