// Makes assets/data/fashion-mnist: the first images of each class, so that every class is there equally often.
//   npx tsx scripts/make-sample-data.ts [images-idx3-ubyte.gz labels-idx1-ubyte.gz] [images a class]
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { openIdx } from '../src-main/engine/data/idx.ts'
import { readLabelFile } from '../src-main/engine/data/label-file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const shared = join(root, '../shared/data/fashion_mnist')
const [
  imageFile = join(shared, 'train20k-images-idx3-ubyte.gz'),
  labelFile = join(shared, 'train20k-labels-idx1-ubyte.gz'),
  perClass = '300',
] = process.argv.slice(2)

const { header, items } = await openIdx(imageFile)
const [count, height, width] = header.dimensions as [number, number, number]
const labels = await readLabelFile(labelFile, { count, name: String })
const taken = new Map<string, number>()
const chosen: { image: Uint8Array; label: number }[] = []
let index = 0
for await (const image of items) {
  const label = labels[index++]!
  const before = taken.get(label) ?? 0
  if (before === Number(perClass)) continue
  taken.set(label, before + 1)
  chosen.push({ image: Uint8Array.from(image), label: Number(label) })
}

/** An IDX file of unsigned bytes, packed. */
function idx(dimensions: number[], values: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * dimensions.length)
  head.set([0, 0, 8, dimensions.length])
  dimensions.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i))
  return gzipSync(Buffer.concat([head, values]), { level: 9 })
}

const folder = join(root, 'assets/data/fashion-mnist')
await mkdir(folder, { recursive: true })
const images = idx([chosen.length, height, width], Buffer.concat(chosen.map(({ image }) => image)))
await writeFile(join(folder, 'images-idx3-ubyte.gz'), images)
const labelBytes = Uint8Array.from(chosen, ({ label }) => label)
await writeFile(join(folder, 'labels-idx1-ubyte.gz'), idx([chosen.length], labelBytes))
console.log(`${chosen.length} images, ${images.length} bytes`)
