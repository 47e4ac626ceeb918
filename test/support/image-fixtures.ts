import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { emptyMetadata, type ImageFile, type ImagePage } from '../../src-main/engine/storage/image.ts'
import { createRandom, type Random } from '../../src-main/engine/numeric/random.ts'
import type { Samples } from '../../src-main/engine/numeric/samples.ts'

/** A folder that the tests of a file may fill; removed when they end. */
export function temporaryFolder(): (...names: string[]) => string {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-test-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return (...names) => join(folder, ...names)
}

export type SampleType = 'uint8' | 'uint16' | 'float32'

/** Random samples: integers over the whole range of their type, floats in [-500, 1500). */
export function randomSamples(length: number, type: SampleType, seed = 1): Samples {
  const random = createRandom(seed)
  if (type === 'float32') return Float32Array.from({ length }, () => random.uniform() * 2000 - 500)
  return type === 'uint8'
    ? Uint8Array.from({ length }, () => random.integer(256))
    : Uint16Array.from({ length }, () => random.integer(65536))
}

export interface PageOptions {
  width?: number
  height?: number
  channels?: 1 | 3
  type?: SampleType
  alpha?: boolean
  seed?: number
}

/** A page of noise: what survives a round trip, survives it exactly. */
export function noisePage(options: PageOptions = {}): ImagePage {
  const { width = 13, height = 7, channels = 3, type = 'uint8', alpha = false, seed = 1 } = options
  const data = randomSamples(width * height * channels, type, seed)
  const white = { uint8: 255, uint16: 65535, float32: 1500 }[type]
  return {
    ...{ width, height, channels, data, white },
    black: type === 'float32' ? -500 : 0,
    alpha: alpha ? randomSamples(width * height, type, seed + 1000) : null,
  }
}

/** A smooth page, which lossy encoders keep nearly as it is. */
export function smoothPage(width = 32, height = 24, channels: 1 | 3 = 3): ImagePage {
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        data[(y * width + x) * channels + c] = Math.round(40 + (150 * x) / width + (50 * y) / height - 10 * c)
  return { width, height, channels, data, white: 255, black: 0, alpha: null }
}

/** RGB of a square from a function of place and colour; 8-bit scale. */
export function pageOf(side: number, value: (x: number, y: number, colour: number) => number): ImagePage {
  const data = Uint8ClampedArray.from({ length: side * side * 3 }, (_, i) =>
    value(Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3),
  )
  const samples = Uint8Array.from(data)
  return { width: side, height: side, channels: 3, data: samples, black: 0, white: 255, alpha: null }
}

/** Specks on hardly noisy ground, alike in all colours: what smoothing takes away, in few places and much of it. */
export function speckledPage(side: number, random: Random): ImagePage {
  const specks = Float32Array.from({ length: side ** 2 }, () =>
    random.uniform() < 0.02 ? 160 * (random.uniform() - 0.5) : 2 * random.normal(),
  )
  return pageOf(side, (x, y) => 120 + specks[y * side + x]!)
}

export function imageOf(pages: ImagePage[], container: ImageFile['container'] = 'png'): ImageFile {
  return { path: 'generated', container, pages, metadata: emptyMetadata(), warnings: [] }
}

/** Every byte value, over and over: a block whose damage would show. */
export function patternBytes(length: number, step = 7): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * step) & 255)
}

export function largestDifference(a: Samples, b: Samples): number {
  let largest = a.length === b.length ? 0 : Infinity
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}
