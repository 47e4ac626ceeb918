// Makes the README's before/after picture from the sample photographs: noisy above, cleaned by the shipped network below.
//   npx tsx scripts/make-pictures.ts
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createEngine } from '../src-main/engine/engine.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const samples = join(root, 'assets/samples')
const target = join(root, 'docs/pictures/before-after.jpg')

/** Squares of the samples, in pixels of the sample. */
const crops = [
  { file: 'church.jpg', left: 60, top: 60 },
  { file: 'cliffs.jpg', left: 100, top: 130 },
  { file: 'gallery.jpg', left: 80, top: 60 },
  { file: 'hall-gray.jpg', left: 60, top: 90 },
]
const side = 300
const gap = 6

const cleaned = await mkdtemp(join(tmpdir(), 'darkroom-'))
const engine = createEngine()
const ended = new Promise<void>((resolve, reject) => {
  engine.subscribe((event) => {
    if (event.event === 'done') resolve()
    if (event.event === 'failed') reject(new Error(JSON.stringify(event.error)))
  })
})
await engine.start({ type: 'denoise', sources: crops.map(({ file }) => join(samples, file)), out: cleaned })
await ended
await engine.close()

const squares = await Promise.all(
  [samples, cleaned].flatMap((folder, row) =>
    crops.map(async ({ file, left, top }, column) => ({
      input: await sharp(join(folder, file))
        .extract({ left, top, width: side, height: side })
        .toColourspace('srgb')
        .png()
        .toBuffer(),
      left: column * (side + gap),
      top: row * (side + gap),
    })),
  ),
)
await mkdir(join(root, 'docs/pictures'), { recursive: true })
await sharp({
  create: {
    width: crops.length * (side + gap) - gap,
    height: 2 * (side + gap) - gap,
    channels: 3,
    background: '#ffffff',
  },
})
  .composite(squares)
  .jpeg({ quality: 88, mozjpeg: true })
  .toFile(target)
await rm(cleaned, { recursive: true })
console.log(target)
