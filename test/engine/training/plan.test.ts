import { describe, expect, it } from 'vitest'
import type { LayerSummary } from '../../../src-main/contract/architecture.ts'
import { planTraining, positionOf, stageSteps, stepsPerRow } from '../../../src-main/engine/training/plan.ts'
import type { Stage } from '../../../src-main/engine/training/task.ts'

const stage = (name: string, epochs: number | null): Stage => ({
  ...{ name, updates: [], rate: null, epochs },
})
const whole = stage('train', null)
const plan = (samplesPerEpoch: number, length: object, stages = [whole]) =>
  planTraining({ batch: 4, epochs: null, steps: null, ...length }, { stages, samplesPerEpoch })

describe('planTraining', () => {
  it('takes every sample once an epoch; the last batch takes what is left', () => {
    const three = plan(10, { epochs: 3 })
    expect(three.steps).toBe(9)
    const positions = Array.from({ length: 9 }, (_, step) => positionOf(three, step))
    expect(positions.slice(3, 6).map(({ place }) => place)).toEqual([
      { epoch: 1, offset: 0, count: 4, batch: 4 },
      { epoch: 1, offset: 4, count: 4, batch: 4 },
      { epoch: 1, offset: 8, count: 2, batch: 4 },
    ])
    expect(positions.flatMap(({ endsEpoch }, step) => (endsEpoch ? [step] : []))).toEqual([2, 5, 8])
    expect(positions.flatMap(({ endsStage }, step) => (endsStage ? [step] : []))).toEqual([8])
  })

  it('may end in the middle of an epoch', () => {
    const steps = plan(10, { steps: 5 })
    expect(steps.steps).toBe(5)
    expect(positionOf(steps, 4)).toMatchObject({ endsEpoch: false, endsStage: true })
  })

  it('makes no batches larger than the data', () => {
    const small = plan(3, { batch: 128, epochs: 2 })
    expect(small.steps).toBe(2)
    expect(positionOf(small, 1).place).toEqual({ epoch: 1, offset: 0, count: 3, batch: 3 })
  })

  it('changes the size of batches at epochs', () => {
    const batch = [
      { fromEpoch: 0, size: 2 },
      { fromEpoch: 1, size: 5 },
      { fromEpoch: 3, size: 10 },
    ]
    const changing = plan(10, { batch, epochs: 5 })
    const places = Array.from({ length: changing.steps }, (_, step) => positionOf(changing, step).place)
    expect(places.map(({ epoch, batch: size }) => `${epoch}:${size}`)).toEqual([
      ...['0:2', '0:2', '0:2', '0:2', '0:2', '1:5', '1:5', '2:5', '2:5', '3:10', '4:10'],
    ])
    expect(places.every(({ count, batch: size }) => count === size)).toBe(true)
    expect(stageSteps({ batch, epochs: 2, steps: null }, 10, null)).toBe(7)
    expect(stageSteps({ batch, epochs: 2, steps: null }, 10, 1)).toBe(5)
  })

  it('puts one stage after the other, each counting its own epochs', () => {
    const staged = plan(8, { epochs: 2 }, [stage('pretrain-1', 1), stage('pretrain-2', 3), whole])
    expect(staged.steps).toBe(2 + 6 + 4)
    const at = (step: number) => {
      const { planned, stageStep, place, endsStage } = positionOf(staged, step)
      return [planned.stage.name, planned.isLast, stageStep, place.epoch, endsStage]
    }
    expect(at(1)).toEqual(['pretrain-1', false, 1, 0, true])
    expect(at(2)).toEqual(['pretrain-2', false, 0, 0, false])
    expect(at(7)).toEqual(['pretrain-2', false, 5, 2, true])
    expect(at(8)).toEqual(['train', true, 0, 0, false])
    expect(at(11)).toEqual(['train', true, 3, 1, true])
  })
})

describe('stepsPerRow', () => {
  const layer = (parameters: number, output: number[]): LayerSummary => ({
    ...{ name: 'x', kind: 'x', parameters, output },
  })
  it('makes rows rarer for small networks, and counts a convolution at each place', () => {
    const one = plan(1_000, { batch: 16, epochs: 1 })
    expect(stepsPerRow([layer(50_000, [64]), layer(50_000, [784])], one)).toBe(50)
    expect(stepsPerRow([layer(100_000, [32, 32, 64])], one)).toBe(6)
    expect(stepsPerRow([layer(10_000_000, [32, 32, 64])], one)).toBe(1)
  })
})
