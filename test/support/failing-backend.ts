import type { TensorMap } from '../../src-main/contract/tensors.ts'
import { DarkroomError } from '../../src-main/contract/errors.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'

/** What a graphics card does in a test. */
export interface Failure {
  /** Runs, of sessions and programs together, that end well before the first that fails. */
  after: number
  /** Whether nothing works from then on; otherwise one run fails, and what `fails` says again. */
  forGood: boolean
  /** As a runtime words it. */
  error: () => DarkroomError
  /** Whether a run would fail by its inputs alone, whenever it comes. */
  fails?: (inputs: TensorMap) => boolean
}

export const deviceLost = (): DarkroomError =>
  new DarkroomError('internal', { received: 'WebGPU device lost (2): Device was removed' })
export const outOfMemory = (): DarkroomError =>
  new DarkroomError('memory-exhausted', { received: 'Failed to allocate memory for requested buffer' })
export const cannotDo = (): DarkroomError =>
  new DarkroomError('internal', { received: 'Too many bindings in a shader of Concat' })

/** A graphics card that fails: a backend on the processor that throws as its failure says. */
export function failingBackend(inner: Backend, failure: Failure): Backend {
  let runs = 0
  const isDead = (): boolean => failure.forGood && runs >= failure.after
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead()) throw failure.error()
    return work()
  }
  const run = (inputs: TensorMap, work: () => Promise<TensorMap>): Promise<TensorMap> => {
    const isOver = failure.forGood ? isDead() : runs === failure.after
    runs++
    if (isOver || failure.fails?.(inputs)) throw failure.error()
    return work()
  }
  return {
    ...inner,
    name: 'webgpu',
    async open(model) {
      const session = await attempt(() => inner.open(model))
      return { ...session, run: async (inputs) => run(inputs, () => session.run(inputs)) }
    },
    async compile(step, signature) {
      const program = await attempt(() => inner.compile(step, signature))
      return {
        ...program,
        run: async (inputs) => run(inputs, () => program.run(inputs)),
        readState: () => attempt(() => program.readState()),
      }
    },
  }
}
