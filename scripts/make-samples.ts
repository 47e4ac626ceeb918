// Makes assets/samples: photographs of CID22 with seeded noise. Runs of the same version of sharp give the same bytes.
//   npx tsx scripts/make-samples.ts [folder of CID22's PNG files]
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addCameraNoise, type CameraNoise } from '../src-main/engine/data/camera-noise.ts'
import type { Sample as Picture } from '../src-main/engine/data/sample.ts'
import { createRandom, type Random } from '../src-main/engine/numeric/random.ts'
import { emptyMetadata, type ImageFile, type ImagePage } from '../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../src-main/engine/storage/images.ts'

interface Sample {
  /** File of CID22, without its ending. */
  source: string
  name: string
  /** Side of the square in the middle, pixels; CID22's are 512. */
  side: number
  gray?: true
  bits?: 16
  /** σ of white Gaussian noise on the 8-bit scale, or a camera's. */
  noise: number | CameraNoise
}

/** A middling camera that does not smooth, at a sensitivity with that shot noise. */
const camera = (shot: number): CameraNoise => ({
  ...{ shot, read: Math.exp(2.18 * Math.log(shot) + 1.2), redGain: 2.1, blueGain: 1.7, colour: 0.5 },
  ...{
    tone: 1,
    contrast: 1,
    mosaic: true,
    sharpness: 0.5,
    directed: false,
    lumaBlur: 0,
    chromaBlur: 0,
    chromaShare: 1,
  },
})

const samples: Sample[] = [
  { source: '1624307', name: 'church.jpg', side: 512, noise: camera(0.006) },
  {
    source: '2123337',
    name: 'gallery.jpg',
    side: 448,
    noise: camera(0.01),
  },
  { source: '3363331', name: 'cliffs.jpg', side: 448, noise: 25 },
  {
    source: '4843579',
    name: 'hall-gray.jpg',
    side: 448,
    gray: true,
    noise: camera(0.016),
  },
  {
    source: '2232979',
    name: 'milky-way-16-bit.png',
    side: 192,
    bits: 16,
    noise: camera(0.005),
  },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = process.argv[2] ?? join(root, '../shared/data/cid22_512/CID22-512/training')
const folder = join(root, 'assets/samples')

for (const [index, sample] of samples.entries()) {
  const { pages } = await readImage(join(sources, `${sample.source}.png`))
  const patch = crop(pages[0]!, sample)
  addNoise(patch, sample.noise, createRandom(index + 1))
  const path = join(folder, sample.name)
  const image: ImageFile = {
    path,
    container: sample.bits === 16 ? 'png' : 'jpeg',
    pages: [quantize(patch, sample.bits ?? 8)],
    metadata: emptyMetadata(),
    warnings: [],
  }
  await writeImage(image, path, { format: 'keep', quality: 95, overwrite: true })
  console.log(sample.name)
}

/** The middle of a page in [0, 1], as gray (ITU-R BT.601 luma) where the sample is. */
function crop(page: ImagePage, { side, gray }: Sample): Picture {
  const { width, height, channels, data, white } = page
  if (channels !== 3) throw new Error('CID22 is in colour')
  const left = Math.floor((width - side) / 2)
  const top = Math.floor((height - side) / 2)
  const patch: Picture = {
    width: side,
    height: side,
    channels: gray ? 1 : 3,
    data: new Float32Array(side * side * (gray ? 1 : 3)),
  }
  for (let i = 0; i < side * side; i++) {
    const from = ((top + Math.floor(i / side)) * width + left + (i % side)) * 3
    const [r, g, b] = [data[from]! / white, data[from + 1]! / white, data[from + 2]! / white] as const
    if (gray) patch.data[i] = 0.299 * r + 0.587 * g + 0.114 * b
    else patch.data.set([r, g, b], 3 * i)
  }
  return patch
}

function addNoise(patch: Picture, noise: Sample['noise'], random: Random): void {
  if (typeof noise === 'object') addCameraNoise(patch, noise, random)
  else for (let i = 0; i < patch.data.length; i++) patch.data[i]! += (noise / 255) * random.normal()
}

function quantize({ width, height, channels, data }: Picture, bits: 8 | 16): ImagePage {
  if (channels === 4) throw new Error('samples have no alpha')
  const white = 2 ** bits - 1
  const values = data.map((value) => Math.round(Math.max(0, Math.min(1, value)) * white))
  const samples = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values)
  return { width, height, channels, data: samples, white, black: 0, alpha: null }
}
