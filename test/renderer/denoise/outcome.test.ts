import { expect, it } from 'vitest'
import type { Cleaned, Evidence } from '../../../src-main/contract/evidence.ts'
import { createI18n } from '../../../src-renderer/state/i18n.svelte.ts'
import { sigmaChange, warningsOf } from '../../../src-renderer/views/denoise/outcome.ts'
import { cleanedNow } from '../../../src-renderer/views/denoise/written.ts'
import { queueItem } from '../../support/fake-program.ts'

const i18n = createI18n(
  () => 'en',
  () => [],
)
const evidence: Evidence = {
  ...{ before: 25.04, after: 3.12, gain: 5.2, isBetter: true },
  removed: {
    ...{ deviation: 24.6, structure: 0.01, isDetailLost: false },
    correlation: { horizontal: 0, vertical: 0 },
  },
}
const cleaned: Cleaned = { model: 'photo', choice: null, evidence, isKept: false }

it('says the noise before and after; of a picture that was kept what it has', () => {
  expect(sigmaChange(i18n, cleaned)).toBe('σ\u00a025\u00a0→\u00a03.1')
  expect(sigmaChange(i18n, { ...cleaned, isKept: true })).toBe('σ\u00a025')
  expect(sigmaChange(i18n, { ...cleaned, evidence: null })).toBe(null)
})

it('tells what was done only of a picture that is as it was written', () => {
  const { settings } = queueItem('a')
  const done = queueItem('a', { state: 'done', output: '/out/a.jpg', written: settings, cleaned })
  expect(cleanedNow(done)).toEqual(cleaned)
  expect(cleanedNow({ ...done, settings: { ...settings, onlyIfBetter: false } })).toBe(null)
  expect(cleanedNow({ ...done, state: 'waiting' })).toBe(null)
})

it('warns in words of the window where the command line names its options', () => {
  const warnings = ['warning.detail-lost', 'warning.alpha-flattened']
  expect(warningsOf(i18n, { warnings })).toEqual([
    'What was removed holds structure of the picture: detail may be gone, too.',
    'JPEG holds no transparency: the image was laid on white.',
  ])
})
