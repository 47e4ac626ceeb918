import { describe, expect, it } from 'vitest'
import { createCurves, plotsOf } from '../../../src-renderer/views/train/run/curves.ts'
import { historyRow, historyRows } from '../../support/fake-runs.ts'

describe('the columns of a history', () => {
  it('hold a value or null for each row, in arrays that stay the same', () => {
    const curves = createCurves()
    const loss = curves.values('validation.loss')
    curves.append(historyRows(50, 100, 50))
    expect(loss).toEqual([null, 0.11])
    curves.append([historyRow(150)])
    expect(curves.values('validation.loss')).toBe(loss)
    expect(loss).toEqual([null, 0.11, null])
    expect(curves.values('training.loss')).toEqual([0.2, 0.1, 10 / 150])
    expect(curves.x('step')).toEqual([50, 100, 150])
    expect(curves.last?.step).toBe(150)
  })

  it('give a term that comes later nulls for the rows before it, and one that stays away nulls after', () => {
    const curves = createCurves()
    curves.append([
      historyRow(1, { training: { loss: 1, old: 5 } }),
      historyRow(2, { training: { loss: 1, kl: 3 } }),
    ])
    expect(curves.values('training.kl')).toEqual([null, 3])
    expect(curves.values('training.old')).toEqual([5, null])
    const { keys } = curves
    curves.append([historyRow(3, { training: { loss: 1, kl: 2 } })])
    expect(curves.keys).toBe(keys)
  })

  it('draw no number that is none', () => {
    const curves = createCurves()
    curves.append([historyRow(1, { training: { loss: NaN, kl: Infinity } })])
    expect(curves.values('training.loss')).toEqual([null])
    expect(curves.values('training.kl')).toEqual([null])
  })

  it('count epochs on from stage to stage', () => {
    const curves = createCurves()
    curves.append([
      historyRow(10, { stage: 'pretrain-1', epoch: 1 }),
      historyRow(20, { stage: 'pretrain-1', epoch: 2 }),
      historyRow(30, { stage: 'train', epoch: 1 }),
    ])
    expect(curves.x('epoch')).toEqual([1, 2, 3])
    expect(curves.stages).toEqual([
      { stage: 'pretrain-1', row: 0 },
      { stage: 'train', row: 2 },
    ])
    expect([5, 10, 29, 30, 99].map((step) => curves.epochOf(step))).toEqual([0, 1, 2, 3, 3])
  })

  it('replace what a resumed training tells anew, its stage with it', () => {
    const curves = createCurves()
    curves.append([
      historyRow(10, { stage: 'pretrain-1', epoch: 1 }),
      historyRow(20, { stage: 'pretrain-1', epoch: 2 }),
      historyRow(30, { stage: 'train', epoch: 1 }),
    ])
    curves.append([historyRow(15, { stage: 'pretrain-1', epoch: 1.5, seconds: 99 })])
    expect(curves.x('step')).toEqual([10, 15])
    expect(curves.x('time')).toEqual([10 / 500, 99])
    expect(curves.stages).toEqual([{ stage: 'pretrain-1', row: 0 }])
    curves.append([historyRow(30, { stage: 'train', epoch: 1 })])
    expect(curves.x('epoch')).toEqual([1, 1.5, 2.5])
  })

  it('touch each row once, however many there are already', () => {
    let reads = 0
    const counted = historyRows(1, 20_000).map(
      (row) =>
        new Proxy(row, {
          get: (target, name, receiver) => {
            reads += 1
            return Reflect.get(target, name, receiver) as unknown
          },
        }),
    )
    const curves = createCurves()
    for (const row of counted) curves.append([row])
    expect(curves.length).toBe(20_000)
    // Ten fields of a row, some looked at twice.
    expect(reads).toBeLessThan(20_000 * 20)
  })
})

describe('plotsOf', () => {
  it('puts the terms of the loss on one axis, training beside validation, and every measure on its own', () => {
    const keys = [
      ...['training.reconstruction', 'training.loss', 'validation.loss', 'validation.psnr-25'],
      ...['rate', 'stepMs', 'samplesPerSecond', 'training.kl', 'validation.psnr-50', 'validation.active'],
    ]
    expect(plotsOf(keys)).toEqual([
      {
        id: 'loss',
        keys: ['training.loss', 'validation.loss', 'training.reconstruction', 'training.kl'],
      },
      { id: 'psnr', keys: ['validation.psnr-25', 'validation.psnr-50'] },
      { id: 'active', keys: ['validation.active'] },
      { id: 'rate', keys: ['rate'] },
      { id: 'speed', keys: ['samplesPerSecond'] },
    ])
  })

  it('keeps what a discriminator says of samples apart from the losses of both networks', () => {
    const terms = ['generator', 'discriminator', 'verdict-real', 'verdict-generated']
    const keys = ['training', 'validation'].flatMap((part) => terms.map((term) => `${part}.${term}`))
    expect(
      plotsOf([...keys, 'validation.diversity']).map(({ id, keys: shown }) => [id, shown.length]),
    ).toEqual([
      ['loss', 4],
      ['verdict', 4],
      ['diversity', 1],
    ])
  })

  it('is empty before the first row', () => {
    expect(plotsOf([])).toEqual([])
  })
})
