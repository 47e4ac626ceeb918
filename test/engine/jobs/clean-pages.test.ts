import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { estimateNoise } from '../../../src-main/engine/analysis/noise.ts'
import type { Denoiser } from '../../../src-main/engine/inference/network.ts'
import { cleanPages, judgePages, type Cleaning } from '../../../src-main/engine/jobs/clean-pages.ts'
import { writeCleaned } from '../../../src-main/engine/jobs/write-cleaned.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { imageOf, pageOf, smoothPage, temporaryFolder, speckledPage } from '../../support/image-fixtures.ts'

const temporary = temporaryFolder()
const side = 192

const random = createRandom(4)
/** A slope with white noise: what any smoothing makes better. */
const noisy = pageOf(side, (x, y) => 90 + x / 4 + y / 8 + 12 * random.normal())
/** What smoothing makes worse. */
const speckled = speckledPage(side, random)

/** Smooths over 5×5 pixels, whatever the noise. */
const smoother: Denoiser = {
  interface: { layout: 'NCHW', channels: 3, white: 1, output: 'clean', sigma: 'map', multiple: 1 },
  ...{
    metadata: {},
    channels: 3,
    takesSigma: true,
    multiple: 1,
    fixed: null,
    overlap: 8,
    largestTile: Infinity,
  },
  run(planes, { width, height }) {
    const out = new Float32Array(planes.length)
    for (let i = 0; i < out.length; i++) {
      const [x, y] = [i % width, Math.floor(i / width) % height]
      let [sum, count] = [0, 0]
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) {
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue
          sum += planes[i + dy * width + dx]!
          count++
        }
      out[i] = sum / count
    }
    return Promise.resolve(out)
  },
  dispose: () => Promise.resolve(),
}

/** Takes a quarter of that away, as a network does that sees content in what it was told is noise. */
const hesitant: Denoiser = {
  ...smoother,
  async run(planes, size, sigma) {
    const smooth = await smoother.run(planes, size, sigma)
    return smooth.map((value, i) => 0.25 * value + 0.75 * planes[i]!)
  },
}

const clean = async (pages: ImagePage[], changes: Partial<Cleaning> = {}) => {
  const cleaned = await cleanPages(imageOf(pages, 'tiff'), estimateNoise(pages[0]!), {
    ...{
      denoiser: smoother,
      model: 'smoother',
      choice: null,
      onlyIfBetter: true,
      sigma: 'auto',
      strength: 100,
    },
    ...{ tile: 'auto', signal: new AbortController().signal, onProgress: () => undefined },
    ...changes,
  })
  return judgePages(cleaned)
}

describe('cleaning pages', () => {
  it('says what was taken away, and that it made the picture better', async () => {
    const { image, cleaned, warnings } = await clean([noisy])
    expect(image.pages[0]!.data).not.toEqual(noisy.data)
    expect(cleaned).toMatchObject({ model: 'smoother', choice: null, isKept: false })
    const { before, after, removed, gain, isBetter } = cleaned.evidence!
    expect(Math.abs(before - 12)).toBeLessThan(1)
    expect(after).toBeLessThan(4)
    expect(Math.abs(removed.deviation - 12)).toBeLessThan(1)
    expect(Math.abs(removed.correlation.horizontal)).toBeLessThan(0.1)
    expect(gain).toBeGreaterThan(3)
    expect(isBetter).toBe(true)
    expect(warnings).toEqual([])
  })

  it('takes white noise for noise where it is alike in all colours, as in gray stored as RGB', async () => {
    const grain = Float32Array.from({ length: side * side }, () => 15 * random.normal())
    const { cleaned } = await clean([pageOf(side, (x, y) => 90 + x / 4 + y / 8 + grain[y * side + x]!)])
    expect(cleaned).toMatchObject({ isKept: false, evidence: { isBetter: true } })
  })

  it('keeps what would become worse, unless told otherwise', async () => {
    const kept = await clean([speckled], { denoiser: hesitant })
    expect(kept.cleaned).toMatchObject({ isKept: true, evidence: { isBetter: false } })
    expect(kept.cleaned.evidence!.gain).toBeLessThan(0)
    expect(kept.image.pages[0]).toBe(speckled)
    expect(kept.warnings).toEqual(['warning.kept'])
    const always = await clean([speckled], { denoiser: hesitant, onlyIfBetter: false })
    expect(always.cleaned).toMatchObject({ isKept: false, evidence: { isBetter: false } })
    expect(always.image.pages[0]!.data).not.toEqual(speckled.data)
  })

  it('judges each page of a stack by itself', async () => {
    const { image, cleaned, warnings } = await clean([noisy, speckled], { denoiser: hesitant })
    expect(image.pages[0]!.data).not.toEqual(noisy.data)
    expect(image.pages[1]).toBe(speckled)
    expect(cleaned).toMatchObject({ isKept: false, evidence: { isBetter: true } })
    expect(warnings).toContain('warning.pages-kept')
  })

  it('has no evidence where nothing was taken away', async () => {
    const { cleaned, image } = await clean([noisy], { strength: 0 })
    expect(cleaned).toMatchObject({ evidence: null, isKept: false })
    expect(image.pages[0]!.data).toEqual(noisy.data)
  })
})

describe('writing what was kept', () => {
  const options = { format: 'keep', quality: null, overwrite: false } as const

  it('copies the file byte for byte, and no other way than a write would', async () => {
    const source = temporary('a.jpg')
    await writeImage(imageOf([smoothPage()], 'jpeg'), source, { ...options, quality: 60 })
    // What decoders leave behind.
    await writeFile(source, Buffer.concat([await readFile(source), Buffer.from('a second picture')]))
    const image = await readImage(source)
    const copy = temporary('out', 'a.jpg')
    await writeCleaned(image, copy, options, true)
    expect(await readFile(copy)).toEqual(await readFile(source))
    await expect(writeCleaned(image, copy, options, true)).rejects.toMatchObject({
      detail: { code: 'file-exists' },
    })
    const written = temporary('out', 'b.jpg')
    await writeCleaned(image, written, { ...options, quality: 90 }, true)
    expect(await readFile(written)).not.toEqual(await readFile(source))
    await writeCleaned(image, temporary('out', 'c.png'), { ...options, format: 'png' }, true)
    expect((await readImage(temporary('out', 'c.png'))).container).toBe('png')
  })
})
