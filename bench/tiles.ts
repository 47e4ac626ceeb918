// Largest difference between a picture denoised in tiles of 256 and at once, in 255ths, by overlap.
//   npx tsx bench/tiles.ts [folder of data: ../shared/data]
import { join } from 'node:path'
import { openPhoto, printTable } from './support.ts'
import { denoisePage } from '../src-main/engine/inference/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage } from '../src-main/engine/storage/images.ts'

const data = process.argv[2] ?? '../shared/data'
const photographs = ['cbsd68/101085.png', 'cbsd68/3096.png', 'renoir_crops/batch8/noisy.bmp']
const side = 480

const random = createRandom(1)
const floatPage = (width: number, height: number, samples: Float32Array): ImagePage => ({
  ...{ width, height, channels: 3, data: samples, white: 1, black: 0, alpha: null },
})
const pages = [
  floatPage(
    side,
    side,
    new Float32Array(side * side * 3).map(() => random.uniform()),
  ),
  floatPage(side, side, new Float32Array(side * side * 3).fill(0.5)),
]
for (const file of photographs) {
  const page = (await readImage(join(data, file))).pages[0]!
  pages.push(
    floatPage(
      page.width,
      page.height,
      Float32Array.from(page.data, (value) => value / page.white),
    ),
  )
}

const { backend, denoiser } = await openPhoto()
const rows: string[][] = []
for (const overlap of [32, 48, 64]) {
  let largest = 0
  for (const sigma of [15, 50])
    for (const page of pages) {
      const noisy = { ...page, data: page.data.map((value) => value + (sigma / 255) * random.normal()) }
      const options = { sigma, strength: 100 }
      const whole = await denoisePage(denoiser, noisy, { ...options, tile: 8192 })
      const tiled = await denoisePage({ ...denoiser, overlap }, noisy, { ...options, tile: 256 })
      for (const [i, value] of whole.page.data.entries())
        largest = Math.max(largest, Math.abs(value - tiled.page.data[i]!))
    }
  rows.push([`${overlap}`, (largest * 255).toFixed(3)])
}
printTable(['overlap', 'largest difference'], rows)
await backend.close()
