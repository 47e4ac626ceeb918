import { mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DenoiseRow } from '../../src-main/contract/jobs.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { readImage, writeImage } from '../../src-main/engine/storage/images.ts'
import { bombPng, tree, writeFiles, writeImages } from '../support/batch.ts'
import { darkroom, eventsOf } from '../support/cli.ts'
import { imageOf, noisePage, temporaryFolder } from '../support/image-fixtures.ts'
import { writeTinyModel } from '../support/tiny-model.ts'

const temporary = temporaryFolder()
let model: string
let source: string
let out: string
let round = 0

beforeAll(async () => {
  model = temporary('tiny.onnx')
  await writeTinyModel(model)
})
beforeEach(() => {
  round++
  source = temporary(`in ${round}`)
  out = temporary(`out ${round}`)
})

const denoise = (...more: string[]) =>
  darkroom(['denoise', source, '--out', out, '--model', model, '--sigma', '20', ...more])

describe('darkroom denoise', () => {
  it('mirrors the tree of a folder, and only its top without --recursive', async () => {
    await writeImages(source, ['a.png', 'sub/b.jpg', 'sub/deep/c.png'])
    expect((await denoise()).code).toBe(0)
    expect(await tree(out)).toEqual(['a.png'])
    const all = await denoise('--recursive', '--overwrite')
    expect(all).toMatchObject({ code: 0, stderr: '' })
    expect(all.stdout).toMatch(/^3 cleaned, 0 skipped, 0 not images, 0 failed; \d+:\d\d, [\d.]+ MP\/s\.\n$/)
    expect(await tree(out)).toEqual(['a.png', 'sub/b.jpg', 'sub/deep/c.png'])
  })

  it('really denoises: pixels change, the size does not, and strength 0 gives them back', async () => {
    await writeImages(source, ['a.png'])
    const before = (await readImage(join(source, 'a.png'))).pages[0]!
    await denoise()
    const after = (await readImage(join(out, 'a.png'))).pages[0]!
    expect([after.width, after.height]).toEqual([before.width, before.height])
    expect(after.data).not.toEqual(before.data)
    await denoise('--strength', '0', '--overwrite')
    expect((await readImage(join(out, 'a.png'))).pages[0]!.data).toEqual(before.data)
  })

  it('takes colour noise apart from the grain', async () => {
    await writeImage(imageOf([noisePage({ width: 40, height: 40 })]), join(source, 'a.png'), {
      ...{ format: 'keep', quality: null, overwrite: false },
    })
    const cleaned = async (...options: string[]) => {
      expect((await denoise('--overwrite', ...options)).code).toBe(0)
      return (await readImage(join(out, 'a.png'))).pages[0]!.data
    }
    const both = await cleaned()
    expect(await cleaned('--colour-strength', '100')).toEqual(both)
    expect(await cleaned('--colour-strength', '20')).not.toEqual(both)
    const before = (await readImage(join(source, 'a.png'))).pages[0]!.data
    expect(await cleaned('--strength', '0', '--colour-strength', '0')).toEqual(before)
    expect(await cleaned('--strength', '0', '--colour-strength', '100')).not.toEqual(before)
    expect((await denoise('--colour-strength', '101')).code).toBe(2)
  })

  it('goes on past bad files, says which and why, and exits 1', async () => {
    await writeImages(source, ['a.png', 'z.png'])
    const whole = await readFile(join(source, 'a.png'))
    await writeFiles(source, {
      'b empty.jpg': '',
      'c truncated.png': whole.subarray(0, whole.length / 2),
      'd text.jpg': 'not a picture at all',
      'e mislabelled.jpg': whole,
      'f bomb.png': bombPng(),
      'g raw.cr2': 'II*\0\x10\0\0\0CR\x02\0',
      'notes.txt': 'no image, and no failure',
      '.hidden.png': 'not even looked at',
    })
    const report = temporary(`report ${round}.jsonl`)
    const { code, stdout, stderr } = await denoise('--report', report)
    expect(code).toBe(1)
    expect(stdout).toMatch(/3 cleaned, 0 skipped, 1 not images, 5 failed/)
    expect(await tree(out)).toEqual(['a.png', 'e mislabelled.png', 'z.png'])
    expect(stderr).toContain('b empty.jpg')
    expect(stderr).toContain('The file is empty.\n')
    expect(stderr).not.toMatch(/\n\s+at /)

    const rows = (await readFile(report, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => DenoiseRow.parse(JSON.parse(line)))
    const summary = Object.fromEntries(
      rows.map((row) => [row.source.slice(source.length + 1), row.error?.code ?? row.status]),
    )
    expect(summary).toEqual({
      'a.png': 'done',
      'b empty.jpg': 'image-empty',
      'c truncated.png': 'image-unreadable',
      'd text.jpg': 'image-unreadable',
      'e mislabelled.jpg': 'done',
      'f bomb.png': 'image-too-large',
      'g raw.cr2': 'image-format-refused',
      'notes.txt': 'ignored',
      'z.png': 'done',
    })
    const done = rows.find((row) => row.source.endsWith('a.png'))!
    expect(done).toMatchObject({ width: 24, height: 24, pages: 1, sigma: 20, sigmaEstimated: false })
    expect(done.output).toBe(join(out, 'a.png'))
  })

  it('reports a missing source and cleans the others', async () => {
    await writeImages(source, ['a.png'])
    const { code, stderr } = await darkroom(
      ['denoise', join(source, 'missing.png'), source, '--out', out, '--model', model],
      { env: { LANG: 'en_US.UTF-8' } },
    )
    expect(code).toBe(1)
    expect(stderr).toContain('There is no such file or folder.')
    expect(await tree(out)).toEqual(['a.png'])
  })

  it('refuses two sources with one output before any work, naming both', async () => {
    await writeImages(source, ['one/a.png', 'two/a.png'])
    const { code, stderr } = await denoise('--recursive', '--name', '{name}{ext}')
    expect(code).toBe(1)
    expect(stderr).toContain(join('one', 'a.png'))
    expect(stderr).toContain(join('two', 'a.png'))
    expect(await tree(out)).toEqual([])
  })

  it('keeps existing files unless it may overwrite, and says so before running the network', async () => {
    await writeImages(source, ['a.png', 'b.png'])
    await writeFiles(out, { 'a.png': 'mine' })
    const first = await denoise()
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('The file exists already.')
    expect(await readFile(join(out, 'a.png'), 'utf8')).toBe('mine')
    expect(await tree(out)).toEqual(['a.png', 'b.png'])
    expect((await denoise('--overwrite')).code).toBe(0)
    expect((await readFile(join(out, 'a.png'))).subarray(1, 4).toString()).toBe('PNG')
  })

  it('never writes over a source without --overwrite, by whichever path the folder is given', async () => {
    await writeImages(source, ['a.png'])
    const before = await readFile(join(source, 'a.png'))
    await symlink(source, temporary(`link ${round}`))
    for (const folder of [source, temporary(`link ${round}`)]) {
      const { code } = await darkroom(['denoise', source, '--out', folder, '--model', model])
      expect(code).toBe(1)
      expect(await readFile(join(source, 'a.png'))).toEqual(before)
    }
    const { code } = await darkroom(['denoise', source, '--out', source, '--model', model, '--overwrite'])
    expect(code).toBe(0)
    expect(await readFile(join(source, 'a.png'))).not.toEqual(before)
  })

  it('does not clean its own output again when that lies in the source', async () => {
    await writeImages(source, ['a.png', 'sub/b.png'])
    const inside = join(source, 'clean')
    const run = () =>
      darkroom(['denoise', source, '--recursive', '--out', inside, '--model', model, '--overwrite'])
    await run()
    await run()
    expect(await tree(inside)).toEqual(['a.png', 'sub/b.png'])
  })

  it('resumes: skips what is done, and redoes a newer source only with --overwrite', async () => {
    await writeImages(source, ['a.png', 'b.png'])
    await denoise()
    await writeImages(source, ['c.png'])
    const second = await denoise('--resume')
    expect(second.stdout).toMatch(/1 cleaned, 2 skipped/)
    const later = new Date(Date.now() + 60_000)
    await utimes(join(source, 'a.png'), later, later)
    const third = await denoise('--resume')
    expect(third).toMatchObject({ code: 0 })
    expect(third.stdout).toMatch(/0 cleaned, 3 skipped/)
    expect(third.stderr).toContain('a.png: The source is newer than its output')
    expect((await denoise('--resume', '--overwrite')).stdout).toMatch(/1 cleaned, 2 skipped/)
  })

  it('does not resume where outputs are written over their sources', async () => {
    await writeImages(source, ['a.png'])
    const { code, stderr } = await darkroom([
      ...['denoise', source, '--out', source],
      ...['--model', model, '--resume', '--overwrite'],
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('--resume')
  })

  it('plans with --dry-run and writes nothing', async () => {
    await writeImages(source, ['a.png', 'b.jpg'])
    await writeFiles(source, { 'bad.png': '', 'notes.txt': 'x' })
    const report = temporary(`report ${round}.jsonl`)
    const { code, stdout } = await denoise('--dry-run', '--report', report, '--format', 'webp')
    expect(code).toBe(1)
    expect(stdout).toContain(`${join(source, 'a.png')} → ${join(out, 'a.webp')}\n`)
    expect(stdout).toContain(`${join(source, 'notes.txt')}: not an image\n`)
    expect(stdout).toContain('2 to clean, 0 to skip, 1 not images, 1 failed.')
    await expect(stat(out)).rejects.toThrow('ENOENT')
    await expect(stat(report)).rejects.toThrow('ENOENT')
  })

  it('names outputs by a template', async () => {
    await writeImages(source, ['sub/a.png', 'b.png.jpg'])
    const { code } = await denoise(
      ...['--recursive', '--format', 'png'],
      ...['--name', '{model}/{dir}/{name}-s{sigma}{ext}'],
    )
    expect(code).toBe(0)
    expect(await tree(out)).toEqual(['tiny/b.png-s20.png', 'tiny/sub/a-s20.png'])
    await denoise('--recursive', '--format', 'png')
    expect(await tree(out)).toContain('b.png')
  })

  it('takes any name that a file may have', async () => {
    const names = [
      'n'.repeat(251) + '.png',
      '한'.repeat(83) + '.png',
      'with space.png',
      '📷 emoji.png',
      "quote's {name}.png",
      '-dash.png',
      'e\u0301 decomposed.png',
      'line\nbreak.png',
    ]
    await writeImages(source, names)
    expect(await denoise()).toMatchObject({ code: 0, stderr: '' })
    expect(await tree(out)).toEqual(names.toSorted())
  })

  it('reports a name that grows too long and goes on', async () => {
    await writeImages(source, ['n'.repeat(251) + '.png', 'short.png'])
    const { code, stderr } = await denoise('--format', 'webp')
    expect(code).toBe(1)
    expect(stderr).toContain('expected a name of at most 255 bytes, received 256 bytes')
    expect(await tree(out)).toEqual(['short.webp'])
  })

  it('ends at symbolic links that lead back', async () => {
    await writeImages(source, ['sub/a.png'])
    await symlink(source, join(source, 'sub', 'up'))
    await symlink('self', join(source, 'self'))
    const { code, stdout } = await denoise('--recursive')
    expect(code).toBe(0)
    expect(stdout).toMatch(/1 cleaned, 0 skipped, 1 not images/)
    expect(await tree(out)).toEqual(['sub/a.png'])
  })

  it('keeps all pages of a 16-bit TIFF, and refuses to put them into a PNG', async () => {
    const pages = [1, 2, 3].map((seed) => noisePage({ channels: 1, type: 'uint16', seed }))
    await writeImage(imageOf(pages, 'tiff'), join(source, 'stack.tif'), {
      ...{ format: 'keep', quality: null, overwrite: false },
    })
    expect((await denoise()).code).toBe(0)
    const after = await readImage(join(out, 'stack.tif'))
    expect(after.pages).toHaveLength(3)
    expect(after.pages[0]!.data).toBeInstanceOf(Uint16Array)
    const refused = await denoise('--format', 'png')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('3 pages')
  })

  it('chooses the model by the noise of each image, and says which and what it did', async () => {
    const random = createRandom(2)
    const side = 128
    const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => 110 + i / 2000 + 15 * random.normal())
    const page = { width: side, height: side, channels: 3, data, black: 0, white: 255, alpha: null } as const
    await writeImage(imageOf([page]), join(source, 'a.png'), {
      format: 'keep',
      quality: null,
      overwrite: false,
    })
    const report = temporary(`report ${round}.jsonl`)
    const { code, stdout } = await darkroom([
      ...['denoise', source, '--out', out, '--name', '{name} {model}', '--report', report],
    ])
    expect(code).toBe(0)
    expect(stdout).toContain('Chosen by their noise: photo 1.')
    expect(await tree(out)).toEqual(['a photo.png'])
    const { cleaned } = DenoiseRow.parse(JSON.parse(await readFile(report, 'utf8')))
    expect(cleaned).toMatchObject({ model: 'photo', choice: { reason: 'white' }, isKept: false })
    expect(Math.abs(cleaned!.evidence!.before - 15)).toBeLessThan(1.5)
    expect(cleaned!.evidence!.after).toBeLessThan(3)
    expect(cleaned!.evidence!.gain).toBeGreaterThan(5)
  })

  it('writes only JSON with --json: events that end with the result', async () => {
    await writeImages(source, ['a.png', 'b.png'])
    await writeFiles(source, { 'bad.png': '' })
    const { code, stdout } = await denoise('--json', '--sigma', 'auto')
    expect(code).toBe(1)
    const events = eventsOf(stdout)
    expect(new Set(events.map(({ id }) => id)).size).toBe(1)
    const rows = events.flatMap((event) => (event.event === 'denoised' ? [event.row] : []))
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['done', 'done', 'failed'])
    expect(rows.find(({ status }) => status === 'done')!.sigmaEstimated).toBe(true)
    const last = events.at(-1)!
    expect(last).toMatchObject({ event: 'done', result: { type: 'denoise', done: 2, failed: 1 } })
    if (last.event !== 'done' || last.result.type !== 'denoise') throw new Error('wrong result')
    expect(last.result.networkShare).toBeGreaterThan(0)
    expect(last.result.networkShare).toBeLessThanOrEqual(1)
  })

  it('says nothing with --quiet, and speaks Korean when asked', async () => {
    await writeImages(source, ['a.png'])
    expect(await denoise('--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
    const korean = await denoise('--lang', 'ko')
    expect(korean.stderr).toContain('파일이 이미 있습니다.')
    expect(korean.stdout).toContain('실패 1')
    const byEnvironment = await darkroom(['denoise', source, '--out', out, '--model', 'none'], {
      env: { LANG: 'ko_KR.UTF-8' },
    })
    expect(byEnvironment.stderr).toContain('그런 모델이 없습니다.')
  })

  it('draws a bar on a terminal, no wider than it', async () => {
    await writeImages(source, ['한국어 이름이 아주 긴 사진 파일.png', 'b.png'])
    const argv = ['denoise', source, '--out', out, '--model', model, '--sigma', '20']
    const { stderr } = await darkroom(argv, { terminal: { columns: 40 } })
    const drawn = stderr.split('\r\x1b[K').filter((line) => line !== '')
    expect(drawn.length).toBeGreaterThan(0)
    expect(drawn.at(-1)).toMatch(/^█{24} 2\/2 files/)
    for (const line of drawn) expect(line.length).toBeLessThan(40)
  })

  it('adds to a report, which may not be one of the images', async () => {
    await writeImages(source, ['a.png'])
    const before = await readFile(join(source, 'a.png'))
    const { code } = await denoise('--report', join(source, 'a.png'))
    expect(code).toBe(2)
    expect(await readFile(join(source, 'a.png'))).toEqual(before)
    const report = join(out, 'logs', 'report.jsonl')
    await denoise('--report', report)
    await denoise('--report', report, '--resume')
    const rows = (await readFile(report, 'utf8')).trimEnd().split('\n')
    expect(rows.map((row) => (JSON.parse(row) as DenoiseRow).status)).toEqual(['done', 'skipped'])
  })

  it('refuses an output folder that is a file, and a template that leaves it', async () => {
    await writeImages(source, ['a.png'])
    expect((await denoise('--name', '../{name}{ext}')).code).toBe(2)
    await writeFile(out, 'a file')
    const { code, stderr } = await denoise()
    expect(code).toBe(1)
    expect(stderr).toContain('expected a folder, received a file')
  })

  it('does nothing, successfully, where there are no images', async () => {
    await mkdir(source)
    expect(await denoise()).toMatchObject({ code: 0, stderr: '' })
    expect(await tree(out)).toEqual([])
  })
})
