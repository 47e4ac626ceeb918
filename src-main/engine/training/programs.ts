import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program } from '../backend/backend.ts'
import type { Position } from './plan.ts'
import { initialState, optimizerInputs, resultWeights, trainingStep } from './step.ts'
import type { Stage, Task } from './task.ts'

/** The training step, compiled for the stage and the batch size that are at hand. */
export interface Programs {
  /** The program for a step; what was learnt goes with it. Moments begin anew with each stage, averages from the weights. */
  at(position: Position): Promise<Program>
  /** A copy of the training state as it is now. */
  readState(): Promise<TensorMap>
  dispose(): Promise<void>
}

/** @param state to begin with: of the first step that is asked for, or of the end of the stage before. */
export function createPrograms(
  backend: Pick<Backend, 'compile'>,
  optimizer: Recipe['optimizer'],
  task: Pick<Task, 'inputs'>,
  state: TensorMap,
): Programs {
  let current: { stage: Stage; batch: number; program: Program } | null = null
  const readState = (): Promise<TensorMap> => current?.program.readState() ?? Promise.resolve(state)
  const dispose = async (): Promise<void> => {
    await current?.program.dispose()
    current = null
  }
  return {
    async at({ planned: { stage }, stageStep, place: { batch } }) {
      if (current?.stage === stage && current.batch === batch) return current.program
      const before = await readState()
      await dispose()
      const first = stageStep === 0 ? initialState(optimizer, resultWeights(before), stage) : before
      const program = await backend.compile(trainingStep(optimizer, stage), {
        state: first,
        inputs: { ...task.inputs(stage, batch), ...optimizerInputs(optimizer) },
      })
      current = { stage, batch, program }
      return program
    },
    readState,
    dispose,
  }
}
