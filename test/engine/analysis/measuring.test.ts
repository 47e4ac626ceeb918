import { expect, it } from 'vitest'
import { measureEvidence } from '../../../src-main/engine/analysis/evidence.ts'
import { measureEvidenceAside, measureNoiseAside } from '../../../src-main/engine/analysis/measuring.ts'
import { measureNoise } from '../../../src-main/engine/analysis/noise-facts.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { pageOf } from '../../support/image-fixtures.ts'

const random = createRandom(8)
const noisy = pageOf(640, (x, y) => 90 + x / 8 + y / 8 + 9 * random.normal())
const smooth = pageOf(640, (x, y) => 90 + x / 8 + y / 8)

it('measures beside this thread what it would measure in it', async () => {
  const { sigma } = measureNoise(noisy)
  // All are asked at once, and none is taken for another.
  const [of, clean, evidence] = await Promise.all([
    measureNoiseAside(noisy),
    measureNoiseAside(smooth),
    measureEvidenceAside(noisy, smooth, sigma, 1),
  ])
  expect(of).toEqual(measureNoise(noisy))
  expect(clean).toEqual(measureNoise(smooth))
  expect(evidence).toEqual(measureEvidence(noisy, smooth, sigma, 1))
})

it('leaves the samples with who asked, who may change them meanwhile', async () => {
  const page = { ...noisy, data: noisy.data.slice() }
  const asked = measureNoiseAside(page)
  page.data.fill(0)
  expect(await asked).toEqual(measureNoise(noisy))
  expect(page.data).toHaveLength(noisy.data.length)
})

it('measures views on a larger buffer, as the pages of a stack are', async () => {
  const stack = new Uint8Array(2 * noisy.data.length)
  stack.set(noisy.data, noisy.data.length)
  expect(await measureNoiseAside({ ...noisy, data: stack.subarray(noisy.data.length) })).toEqual(
    measureNoise(noisy),
  )
})
