import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { ensembled } from '../../../src-main/engine/inference/ensemble.ts'
import { openDenoiser, type Denoiser } from '../../../src-main/engine/inference/network.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { Samples } from '../../../src-main/engine/numeric/samples.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { largestDifference, temporaryFolder } from '../../support/image-fixtures.ts'
import { writeTinyModel } from '../../support/tiny-model.ts'

const temporary = temporaryFolder()
const [width, height] = [40, 24]
const random = createRandom(1)
const page: ImagePage = {
  ...{ width, height, channels: 3, black: 0, white: 1, alpha: null },
  data: Float32Array.from({ length: width * height * 3 }, () => random.uniform()),
}

function mirrored({ data, ...rest }: ImagePage, across: boolean, down: boolean): ImagePage {
  const out = Float32Array.from(data, (_, i) => {
    const [colour, place] = [i % 3, Math.floor(i / 3)]
    const [x, y] = [place % width, Math.floor(place / width)]
    const [u, v] = [across ? width - 1 - x : x, down ? height - 1 - y : y]
    return data[3 * (v * width + u) + colour]!
  })
  return { ...rest, data: out }
}

it('is the mean of what the network makes of the picture and of its mirror images, mirrored back', async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  const backend = await openBackend('traced', { threads: 1 })
  const file = { bytes: await readFile(temporary('tiny.onnx')), file: 'tiny.onnx', interface: null }
  const denoiser = await openDenoiser(backend, file)
  const options = { sigma: 25, strength: 100, tile: 'auto' } as const
  const results: Samples[] = []
  for (const across of [false, true])
    for (const down of [false, true]) {
      const { page: clean } = await denoisePage(denoiser, mirrored(page, across, down), options)
      results.push(mirrored(clean, across, down).data)
    }
  const { page: best } = await denoisePage(denoiser, page, { ...options, ensemble: true })
  const mean = Float32Array.from(
    best.data,
    (_, i) => results.reduce((sum, data) => sum + data[i]!, 0) / results.length,
  )
  expect(largestDifference(best.data, mean)).toBeLessThan(1e-6)
  // A network of random weights does not care for symmetry: a mean of four alike would test nothing.
  expect(results[0]).not.toEqual(results[3])
  await denoiser.dispose()
  await backend.close()
})

it('leaves alone what averages already', () => {
  const denoiser = { isEnsembled: true } as Denoiser
  expect(ensembled(denoiser)).toBe(denoiser)
})
