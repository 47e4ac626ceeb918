import { describe, expect, it } from 'vitest'
import type { NoiseFacts } from '../../../src-main/contract/evidence.ts'
import { chooseModel } from '../../../src-main/engine/inference/choose.ts'

const both = ['camera', 'photo']
const noise = (facts: Partial<NoiseFacts> = {}, correlation = 0): NoiseFacts => ({
  ...{ sigma: 12, correlation: { horizontal: correlation, vertical: correlation }, blocking: 0 },
  ...{ isGray: false, ...facts },
})

describe('automatic choice', () => {
  it.each([
    ['white noise', noise(), 'photo', 'white'],
    ['noise of demosaicking', noise({}, 0.45), 'camera', 'camera'],
    ['visible blocks of JPEG', noise({ blocking: 1 }), 'camera', 'compressed'],
    ['blocks, and so flat that no noise is found', noise({ sigma: 0, blocking: 1 }), 'camera', 'compressed'],
    ['hardly any noise', noise({ sigma: 0.4 }, 0.6), 'photo', 'clean'],
  ])('of %s', (_, facts, model, reason) => {
    expect(chooseModel(facts, both)).toEqual({ model, reason, noise: facts })
  })

  it('stays with what there is', () => {
    expect(chooseModel(noise({}, 0.5), ['photo'])).toMatchObject({ model: 'photo', reason: 'camera' })
  })
})
