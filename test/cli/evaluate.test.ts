import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EvaluateRow, JobResult } from '../../src-main/contract/jobs.ts'
import type { ImageFile } from '../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../src-main/engine/storage/images.ts'
import { writeFiles, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

const temporary = temporaryFolder()
const keep = { format: 'keep', quality: null, overwrite: false } as const

beforeAll(async () => {
  await writeTinyModel(temporary('tiny.onnx'))
  await writeImages(temporary('clean'), ['a.png', 'sub/b.png'], 96)
})

async function evaluate(...more: string[]): Promise<{ rows: EvaluateRow[]; result: JobResult }> {
  const { code, stdout, stderr } = await darkroom(['evaluate', temporary('tiny.onnx'), ...more, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const events = eventsOf(stdout)
  const last = events.at(-1)!
  if (last.event !== 'done') throw new Error(`ended with ${last.event}`)
  return {
    rows: events.flatMap((event) => (event.event === 'evaluated' ? [event.row] : [])),
    result: last.result,
  }
}

describe('darkroom evaluate', () => {
  it('adds noise of the level that is named: the noisy PSNR is that of σ', async () => {
    const { rows, result } = await evaluate(temporary('clean'), '--sigma', '25')
    expect(rows.map(({ file }) => file)).toEqual([
      temporary('clean', 'a.png'),
      temporary('clean', 'sub/b.png'),
    ])
    // Not clipped, so 20 log10(255 / 25) = 20.17 dB up to the sampling of 27,648 normal numbers.
    for (const { noisyPsnr, sigma } of rows) {
      expect(noisyPsnr).toBeCloseTo(20.17, 0)
      expect(sigma).toBe(25)
    }
    expect(result).toMatchObject({ type: 'evaluate', images: 2 })
    if (result.type !== 'evaluate') throw new Error('wrong result')
    expect(result.psnr).toBeCloseTo((rows[0]!.psnr + rows[1]!.psnr) / 2, 10)
    expect(result.noisySsim).toBeCloseTo((rows[0]!.noisySsim + rows[1]!.noisySsim) / 2, 10)
  })

  it('gives the same figures for the same seed, and others for another', async () => {
    const figures = async (seed: string) =>
      (await evaluate(temporary('clean'), '--seed', seed)).rows.map(({ noisyPsnr, psnr }) => [
        noisyPsnr,
        psnr,
      ])
    expect(await figures('3')).toEqual(await figures('3'))
    expect(await figures('3')).not.toEqual(await figures('4'))
  })

  it('leaves the noise where strength is 0: PSNR differs by the clipping alone', async () => {
    const { rows } = await evaluate(temporary('clean'), '--strength', '0', '--sigma', '5')
    for (const { noisyPsnr, psnr } of rows) expect(psnr).toBeCloseTo(noisyPsnr, 1)
  })

  it('estimates σ with --blind and says what it found', async () => {
    const { rows } = await evaluate(temporary('clean'), '--blind', '--sigma', '20')
    for (const { sigma, sigmaEstimated } of rows) {
      expect(sigma).toBe(20)
      expect(sigmaEstimated).toBeGreaterThan(10)
      expect(sigmaEstimated).toBeLessThan(30)
    }
  })

  it('compares with references by name, extensions aside', async () => {
    for (const name of ['a', 'sub/b']) {
      const image = await readImage(temporary('clean', `${name}.png`))
      const data = image.pages[0]!.data.map((value, i) => value + (i % 2 === 0 ? 10 : -10))
      const noisy: ImageFile = { ...image, container: 'tiff', pages: [{ ...image.pages[0]!, data }] }
      await writeImage(noisy, temporary('noisy', `${name}.tif`), keep)
    }
    const { rows } = await evaluate(temporary('noisy'), '--reference', temporary('clean'), '--strength', '0')
    // Every sample is off by 10: 20 log10(255 / 10).
    for (const { noisyPsnr } of rows) expect(noisyPsnr).toBeCloseTo(28.13, 2)
    expect(rows).toHaveLength(2)
  })

  it('names images without a partner, and partners of another size', async () => {
    const run = (folder: string) =>
      darkroom(['evaluate', temporary('tiny.onnx'), folder, '--reference', temporary('clean')])
    await writeImages(temporary('lonely'), ['a.png', 'c.png'], 96)
    const lonely = await run(temporary('lonely'))
    expect(lonely.code).toBe(2)
    expect(lonely.stderr).toContain(`no partner for 2: c, ${join('sub', 'b')}`)
    await writeImages(temporary('small'), ['a.png', 'sub/b.png'], 48)
    const small = await run(temporary('small'))
    expect(small.code).toBe(2)
    expect(small.stderr).toContain('expected 48×48×3, received 96×96×3')
  })

  it('refuses an empty folder, a broken image and noise of unknown strength', async () => {
    await writeFiles(temporary('none'), { 'notes.txt': 'no image' })
    expect((await darkroom(['evaluate', temporary('tiny.onnx'), temporary('none')])).code).toBe(2)
    const whole = await readFile(temporary('clean', 'a.png'))
    await writeFiles(temporary('broken'), { 'a.png': whole.subarray(0, 200) })
    expect((await darkroom(['evaluate', temporary('tiny.onnx'), temporary('broken')])).code).toBe(1)
    const auto = await darkroom(['evaluate', temporary('tiny.onnx'), temporary('clean'), '--sigma', 'auto'])
    expect(auto.code).toBe(2)
    expect(auto.stderr).toContain('--blind')
  })
})
