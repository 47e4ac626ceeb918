import { describe, expect, it } from 'vitest'
import { createI18n } from '../../../src-renderer/state/i18n.svelte.ts'
import { stepOf } from '../../../src-renderer/views/train/run/pictures.ts'
import {
  figure,
  lastFigure,
  measureText,
  ofTotal,
  stageLabel,
  termLabel,
} from '../../../src-renderer/views/train/run/words.ts'
import { modelOf } from '../../../src-renderer/views/train/runs/model-of.ts'
import { modelEntry } from '../../support/fake-program.ts'

const en = createI18n(
  () => 'en',
  () => [],
)
const ko = createI18n(
  () => 'ko',
  () => [],
)

describe('words of a training', () => {
  it.each([
    ['psnr-25', 'PSNR, σ 25'],
    ['kl', 'KL divergence'],
    ['a-new-term', 'a-new-term'],
  ])('%s is %s', (term, label) => {
    expect(termLabel(en, term)).toBe(label)
  })

  it('name stages by their layer', () => {
    expect(stageLabel(en, 'pretrain-2')).toBe('Pretraining of layer 2')
    expect(stageLabel(ko, 'train')).toBe('학습')
  })

  it.each([
    [0, '0'],
    [0.123456, '0.1235'],
    [0.000012345, '1.23E-5'],
    [12_345_678, '1.23E7'],
  ])('%s is written %s', (value, text) => {
    expect(figure(en, value)).toBe(text)
  })

  it('give measures their units', () => {
    expect(measureText(en, 'psnr-50', 26.7)).toBe('26.70 dB')
    expect(measureText(en, 'elbo', -232.51)).toBe('-232.5 nats')
    expect(measureText(en, 'active', 0.25)).toBe('25%')
  })

  it('say how far it is, and of how much unless more was done', () => {
    expect(ofTotal(en, 1234.56, 2000)).toBe('1,234.6 of 2,000')
    expect(ofTotal(ko, 5, 5)).toBe('5 / 5')
    expect(ofTotal(en, 152, 133)).toBe('152')
    expect([ofTotal(en, 3, null), ofTotal(en, 0, 0)]).toEqual(['3', '0'])
  })

  it('show of a run what tells most', () => {
    expect(lastFigure({ loss: 1, 'psnr-15': 30, 'psnr-25': 28 })).toEqual({ term: 'psnr-15', value: 30 })
    expect(lastFigure({ kl: 2, loss: 1 })).toEqual({ term: 'loss', value: 1 })
    expect(lastFigure({})).toBeNull()
  })

  it('read the step of a picture from its name', () => {
    expect(stepOf('step-000120.png')).toBe(120)
  })
})

describe('modelOf', () => {
  const trained = modelEntry('run-a', { origin: 'trained', file: '/home/runs/a/model/model.onnx' })
  it('is the entry whose file lies in the run’s folder', () => {
    expect(modelOf('/home/runs/a', [modelEntry('x'), trained])).toBe(trained)
    expect(modelOf('/home/runs/ab', [trained])).toBeUndefined()
    expect(modelOf('/home/runs/a', [{ ...trained, error: { code: 'model-unreadable' } }])).toBeUndefined()
  })
})
