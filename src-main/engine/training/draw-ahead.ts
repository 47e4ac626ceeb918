import type { TensorMap } from '../../contract/tensors.ts'
import { positionOf, type Plan } from './plan.ts'
import type { Stage, Task } from './task.ts'

interface Drawn {
  stage: Stage
  batch: number
  values: TensorMap
}

/**
 * The batches from a step on, in order; each is drawn while the step before it runs, into the arrays of the one before that. The result
 * is asked for a batch when the step of the one before has ended.
 */
export function drawAhead(plan: Plan, task: Pick<Task, 'draw'>, first: number): () => Promise<TensorMap> {
  let step = first
  let running: Drawn | null = null
  const start = (used: Drawn | null): Promise<Drawn> | null => {
    if (step >= plan.steps) return null
    const { planned, place } = positionOf(plan, step++)
    const { stage } = planned
    const spare = used?.stage === stage && used.batch === place.batch ? used.values : undefined
    const drawn = task.draw(stage, place, spare).then((values) => ({ stage, batch: place.batch, values }))
    // Where it fails, it fails when it is asked for; without this Node would end the process before.
    drawn.catch(() => undefined)
    return drawn
  }
  let ahead = start(null)
  return async () => {
    const used = running
    running = await ahead!
    ahead = start(used)
    return running.values
  }
}
