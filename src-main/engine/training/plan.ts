import type { LayerSummary } from '../../contract/architecture.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Place, Stage, Task } from './task.ts'

type Length = Pick<Recipe, 'batch' | 'epochs' | 'steps'>

/** Epochs with batches of one size. */
interface Stretch {
  batch: number
  /** First of its epochs, and of its steps in the stage. */
  epoch: number
  step: number
  stepsPerEpoch: number
}

export interface PlannedStage {
  stage: Stage
  isLast: boolean
  /** First step, counted over all stages. */
  first: number
  steps: number
  stretches: Stretch[]
}

export interface Plan {
  stages: PlannedStage[]
  /** Of all stages together. */
  steps: number
  samples: number
}

/** Where a step stands. */
export interface Position {
  planned: PlannedStage
  /** Counted from 0 in its stage. */
  stageStep: number
  place: Place
  endsEpoch: boolean
  endsStage: boolean
}

/**
 * Which step takes what, for the whole of a training. Batches are never larger than the data. A batch never reaches over the end of an
 * epoch: the last one takes what is left.
 */
export function planTraining(recipe: Length, task: Pick<Task, 'stages' | 'samplesPerEpoch'>): Plan {
  const samples = task.samplesPerEpoch
  const stages: PlannedStage[] = []
  let first = 0
  for (const [i, stage] of task.stages.entries()) {
    const stretches = stretchesOf(recipe.batch, samples)
    const steps = stageSteps(recipe, samples, stage.epochs)
    stages.push({ stage, isLast: i === task.stages.length - 1, first, steps, stretches })
    first += steps
  }
  return { stages, steps: first, samples }
}

/** Steps of a stage of so many epochs; null: as long as the recipe says. */
export function stageSteps(recipe: Length, samples: number, epochs: number | null): number {
  const whole = epochs ?? recipe.epochs
  return whole === null ? recipe.steps! : stepsBefore(stretchesOf(recipe.batch, samples), whole)
}

function stretchesOf(batch: Recipe['batch'], samples: number): Stretch[] {
  const changes = typeof batch === 'number' ? [{ fromEpoch: 0, size: batch }] : batch
  const stretches: Stretch[] = []
  for (const { fromEpoch, size } of changes) {
    const taken = Math.min(size, samples)
    stretches.push({
      batch: taken,
      epoch: fromEpoch,
      step: stepsBefore(stretches, fromEpoch),
      stepsPerEpoch: Math.ceil(samples / taken),
    })
  }
  return stretches
}

/** Steps of a stage before an epoch. */
function stepsBefore(stretches: Stretch[], epoch: number): number {
  const last = stretches.findLast((stretch) => stretch.epoch <= epoch)
  return last === undefined ? 0 : last.step + (epoch - last.epoch) * last.stepsPerEpoch
}

/** @param step counted over all stages, below the plan's `steps` */
export function positionOf(plan: Plan, step: number): Position {
  const planned = plan.stages.findLast(({ first }) => first <= step)!
  const stageStep = step - planned.first
  const stretch = planned.stretches.findLast((one) => one.step <= stageStep)!
  const { batch, stepsPerEpoch } = stretch
  const within = stageStep - stretch.step
  const offset = (within % stepsPerEpoch) * batch
  const count = Math.min(batch, plan.samples - offset)
  return {
    planned,
    stageStep,
    place: { epoch: stretch.epoch + Math.floor(within / stepsPerEpoch), offset, count, batch },
    endsEpoch: offset + count === plan.samples,
    endsStage: stageStep + 1 === planned.steps,
  }
}

/**
 * Steps between two rows of the history: so many that a row comes about every two seconds on two cores (30 GFLOP/s, six operations a
 * weight and place of use for a forward and a backward pass), at most 50. From the network and not from a clock, so that the same run has
 * the same rows on every machine.
 */
export function stepsPerRow(layers: LayerSummary[], plan: Plan): number {
  const batch = Math.max(...plan.stages.flatMap(({ stretches }) => stretches.map((stretch) => stretch.batch)))
  const uses = layers.map(({ parameters, output }) => {
    // A dense layer uses each weight once, a convolution at each place of its output.
    const places = output.slice(0, -1).reduce((product, side) => product * side, 1)
    return parameters * places
  })
  const operations = 6 * batch * uses.reduce((sum, one) => sum + one, 0)
  return Math.min(50, Math.max(1, Math.round(6e10 / operations)))
}
