import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../src-main/contract/engine.ts'
import type { JobInput } from '../../../src-main/contract/jobs.ts'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { darkroom } from '../../support/cli.ts'
import { writeData } from '../../support/datasets.ts'
import { failureOf, resultOf } from '../../support/jobs.ts'

const columns = 12
let home: string
let engine: Engine
let table: string

/** Waves of one length are normal; of every sixth row the sign is turned. */
function waves(count: number, seed: number): string {
  const random = createRandom(seed)
  const lines = ['kind,' + Array.from({ length: columns }, (_, i) => `t${i}`).join(',')]
  for (let row = 0; row < count; row++) {
    const isOdd = row % 6 === 5
    const values = Array.from(
      { length: columns },
      (_, i) => (isOdd ? -1 : 1) * Math.sin(i / 2) + 0.05 * random.normal(),
    )
    lines.push([isOdd ? 'odd' : 'good', ...values.map((value) => value.toFixed(4))].join(','))
  }
  return `${lines.join('\n')}\n`
}

const small = ['encoder.layers=[{"type":"dense","units":8,"activation":"relu"}]', 'encoder.latentDim=2']
const labels = 'column:kind'

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'anomaly-'))
  engine = createEngine({ home, threads: 1 })
  table = await writeData(join(home, 'waves.csv'), waves(600, 1))
})
afterAll(async () => {
  await engine.close()
  await rm(home, { recursive: true })
})

describe('a detector of rows', () => {
  const detector = (): string => join(home, 'waves')
  const fit = (changes: Partial<Extract<JobInput, { type: 'anomaly-fit' }>> = {}) => ({
    ...{ type: 'anomaly-fit' as const, data: { sources: [table], labels }, normal: ['good'] },
    ...{ recipe: 'signal', overrides: [...small, 'epochs=5'], out: detector() },
    threshold: { type: 'false-alarms' as const, rate: 0.05 },
    ...changes,
  })

  it('learns from normal rows alone, and finds the others in the part that nothing has seen', async () => {
    const { threshold, run } = await resultOf(engine, fit())
    // 500 are normal, a tenth of them for validation.
    expect(threshold.items).toBe(50)
    const { info } = await engine.run(run)
    expect([info.data.items, info.data.labelNames]).toEqual([500, ['good']])
    const out = join(home, 'scores.csv')
    const data = { sources: [table], labels }
    const { summary, scores } = await resultOf(engine, {
      type: 'anomaly-score',
      detector: detector(),
      data,
      out,
    })
    expect(summary.figures).toMatchObject({ normal: 50, anomalous: 10, found: 10 })
    expect(summary.figures!.auroc).toBe(1)

    const lines = (await readFile(out, 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe('name,score,verdict,percentile,label')
    expect(lines).toHaveLength(61)
    const odd = lines.filter((line) => line.endsWith(',odd'))
    expect(odd.every((line) => line.includes(',anomaly,100,'))).toBe(true)

    const kept = await engine.anomalyScores(scores)
    expect(kept.truth!.filter((one) => one === 0)).toHaveLength(10)
    expect(kept.calibration).toHaveLength(50)
    const index = kept.truth!.indexOf(0)
    const item = await engine.anomalyItem({ id: scores, index })
    expect(item).toMatchObject({ label: 'odd', percentile: 100, heat: null })
    expect(item.curves!.sample[3]).toBeCloseTo(-Math.sin(1.5), 0)
    const sheet = await engine.analysisSheet({ id: scores, indexes: [0, index, 1], columns: 2, cell: 32 })
    expect([sheet.width, sheet.height]).toEqual([64, 64])
    await expect(engine.anomalyItem({ id: scores, index: 99 })).rejects.toThrow('argument-invalid')

    // Done again from its own account, it is the same file.
    const again = join(home, 'again.csv')
    const repeated = await darkroom(['repeat', out, '--out', again], { env: { DARKROOM_HOME: home } })
    expect(repeated.stderr + repeated.stdout).toContain('again.csv')
    expect(await readFile(again, 'utf8')).toBe(await readFile(out, 'utf8'))
    const json = join(home, 'scores.json')
    await resultOf(engine, { type: 'anomaly-score', detector: detector(), data, out: json })
    await darkroom(['repeat', json, '--out', join(home, 'again.json')], { env: { DARKROOM_HOME: home } })
    expect(await readFile(join(home, 'again.json'), 'utf8')).toBe(await readFile(json, 'utf8'))
  })

  it('is listed, described and deleted; another one takes its place only where that is asked for', async () => {
    expect(await engine.analysis(detector())).toMatchObject({
      kind: 'detector',
      normal: ['good'],
      input: [columns],
    })
    const { run } = JSON.parse(await readFile(join(detector(), 'detector.json'), 'utf8')) as { run: string }
    const path = join(home, 'runs', run)
    expect(await failureOf(engine, fit({ recipe: null, run: path }))).toMatchObject({
      code: 'file-exists',
    })
    for (const score of ['absolute', 'whitened'] as const) {
      await resultOf(engine, fit({ recipe: null, run: path, score, overwrite: true }))
      expect(await engine.analysis(detector())).toMatchObject({ score })
    }
    await resultOf(engine, fit({ recipe: null, run: path, threshold: { type: 'best-f1' }, out: null }))
    const [own] = await engine.analyses()
    expect(own).toMatchObject({ kind: 'detector', threshold: { rule: { type: 'best-f1' } } })
    await engine.deleteAnalysis(own!.path)
    expect(await engine.analyses()).toEqual([])
    await expect(engine.deleteAnalysis(home)).rejects.toThrow('analysis-unreadable')
  })

  it('scores new rows without a column of labels, and rows of labels that nobody named', async () => {
    const cut = (line: string): string => line.slice(line.indexOf(',') + 1)
    const lines = waves(24, 3).trimEnd().split('\n')
    const bare = await writeData(join(home, 'bare.csv'), lines.map(cut).join('\n'))
    const odd = [lines[0], ...lines.filter((line) => line.startsWith('odd'))].join('\n')
    const others = await writeData(join(home, 'others.csv'), odd)
    const scored = (source: string, named: string | null = null) => ({
      ...{ type: 'anomaly-score' as const, detector: detector(), data: { sources: [source], labels: named } },
    })
    expect((await resultOf(engine, scored(bare))).summary).toMatchObject({ items: 24, figures: null })
    expect((await resultOf(engine, scored(others))).summary).toMatchObject({
      items: 4,
      anomalies: 4,
      figures: null,
    })
    for (const source of [bare, others])
      expect(await failureOf(engine, scored(source, labels))).toMatchObject({
        code: 'labels-unusable',
      })
  })

  it('says both conventions of positive, and the limits of its threshold', async () => {
    const env = { DARKROOM_HOME: home }
    const scored = await darkroom(
      ['anomaly', 'score', detector(), table, '--labels', labels, '--deviations', '3'],
      { env },
    )
    expect(scored.stdout).toContain('anomalies (what is to be found)')
    expect(scored.stdout).toContain('normal items (as in some tutorials)')
    expect(scored.stdout).toMatch(/between \d+\.\d % and \d+\.\d %, with 95 % confidence/)
    const korean = await darkroom(['anomaly', 'score', detector(), table, '--lang', 'ko'], { env })
    expect(korean.stdout).toContain('정상 항목(일부 튜토리얼의 방식)')
    const wrong = await darkroom(['anomaly', 'fit', table, '--recipe', 'signal', '--false-alarms', '80%'], {
      env,
    })
    expect(wrong.stderr).toContain('0.01%–50%')
  })

  it('refuses what it cannot be fitted to, before anything is trained', async () => {
    const few = await writeData(join(home, 'few.csv'), waves(5, 2))
    const many = { out: join(home, 'none') }
    const cases: [Partial<Parameters<typeof fit>[0]>, object][] = [
      [{ normal: ['fine'] }, { code: 'labels-unusable', expected: 'labels that there are: good, odd' }],
      [
        { normal: ['good', 'odd'], threshold: { type: 'best-f1' } },
        { code: 'labels-unusable', expected: 'labels of normal items and of others (--labels, --normal)' },
      ],
      [{ data: { sources: [table], labels: null } }, { code: 'labels-missing' }],
      [{ data: { sources: [few], labels } }, { code: 'calibration-too-small', received: '1' }],
      [
        { threshold: { type: 'false-alarms', rate: 0.001 } },
        { code: 'calibration-too-small', received: '50' },
      ],
      [{ recipe: null }, { code: 'argument-invalid' }],
      [{ recipe: 'gan' }, { code: 'recipe-invalid' }],
    ]
    for (const [changes, expected] of cases)
      expect(await failureOf(engine, fit({ ...many, ...changes }))).toMatchObject(expected)
  })

  it('refuses data of another kind, labels of which none is normal, and a damaged folder', async () => {
    const score = async (changes: object): Promise<object> =>
      failureOf(engine, {
        ...{ type: 'anomaly-score', detector: detector(), data: { sources: [table], labels }, ...changes },
      })
    const other = await writeData(join(home, 'other.csv'), 'kind,a,b\nx,1,2\ny,3,4\nx,2,2\n')
    expect(await score({ data: { sources: [other], labels } })).toMatchObject({ code: 'data-unsuitable' })
    const strange = await writeData(join(home, 'strange.csv'), waves(30, 3).replaceAll(/good|odd/g, 'what'))
    expect(await score({ data: { sources: [strange], labels } })).toMatchObject({
      code: 'labels-unusable',
      expected: 'which labels are normal (--normal), of: what',
    })
    // Labels of one kind alone compare with nothing.
    const { summary } = await resultOf(engine, {
      ...{
        type: 'anomaly-score',
        detector: detector(),
        data: { sources: [strange], labels },
        normal: ['what'],
      },
    })
    expect(summary).toMatchObject({ items: 30, figures: null })
    const broken = await writeData(join(home, 'broken.csv'), waves(30, 3).replace(/0\.\d+/, 'NaN'))
    expect(await score({ data: { sources: [broken], labels } })).toMatchObject({ code: 'data-unreadable' })
    expect(
      await score({ data: { sources: [strange], labels }, normal: ['what'], split: 'test' }),
    ).toMatchObject({
      code: 'data-unsuitable',
    })
    expect(await score({ masks: home })).toMatchObject({ code: 'argument-invalid' })
    expect(await score({ out: join(home, 'x.txt') })).toMatchObject({ code: 'argument-invalid' })

    await writeFile(join(detector(), 'calibration.safetensors'), 'nothing')
    expect(await score({})).toMatchObject({ code: 'analysis-unreadable' })
    await writeFile(join(detector(), 'detector.json'), '{}')
    expect(await score({})).toMatchObject({ code: 'analysis-unreadable' })
    expect(await score({ detector: home })).toMatchObject({ code: 'analysis-unreadable' })
  })
})

describe('a detector of images in tiles', () => {
  it('shows where a defect is, on one scale, and says how well by image and by pixel', async () => {
    const side = 40
    const random = createRandom(9)
    const draw = async (path: string, hasDefect: boolean): Promise<void> => {
      const shades = Uint8Array.from({ length: side * side }, (_, at) => {
        const isDefect = hasDefect && [Math.floor(at / side), at % side].every((x) => x >= 28 && x < 34)
        return isDefect ? 250 : 100 + 20 * Math.sin(at % side) + 3 * random.normal()
      })
      const mask = shades.map((shade) => (shade === 250 ? 255 : 0))
      const png = (data: Uint8Array): Promise<Buffer> =>
        sharp(data, { raw: { width: side, height: side, channels: 1 } })
          .png()
          .toBuffer()
      await writeData(join(home, 'textures', path), await png(shades))
      if (hasDefect) await writeData(join(home, 'masks', path), await png(mask))
    }
    for (let i = 0; i < 50; i++) await draw(`free/${i}.png`, false)
    for (let i = 0; i < 8; i++) await draw(`spot/${i}.png`, true)
    const data = { sources: [join(home, 'textures')], labels: 'folders' }
    const detector = join(home, 'textures-detector')
    const sizes = [
      'data.width=16',
      'data.height=16',
      'data.tiles=12',
      'encoder.layers=[{"type":"conv","filters":4,"stride":2}]',
    ]
    await resultOf(engine, {
      ...{ type: 'anomaly-fit', data, normal: ['free'], recipe: 'tiles', out: detector },
      overrides: [
        ...sizes,
        'encoder.latentDim=4',
        'steps=20',
        'epochs=null',
        'split.validation=0.4',
        'split.test=0.3',
      ],
      threshold: { type: 'false-alarms', rate: 0.05 },
    })
    const heat = join(home, 'heat')
    const { summary, scores, files } = await resultOf(engine, {
      ...{
        type: 'anomaly-score',
        detector,
        data,
        masks: join(home, 'masks'),
        heat,
        out: join(home, 't.json'),
      },
    })
    expect(summary.items).toBe(17)
    expect(summary.figures!.auroc).toBe(1)
    expect(summary.figures!.pixels!.auroc).toBeGreaterThan(0.95)
    expect(files.filter((file) => file.endsWith('.png'))).toHaveLength(17)
    const { hasHeat, heatScale, truth } = await engine.anomalyScores(scores)
    expect(hasHeat).toBe(true)
    expect(heatScale[0]).toBeLessThan(heatScale[1])
    const item = await engine.anomalyItem({ id: scores, index: truth!.indexOf(0) })
    const pixels = await sharp(item.heat!.bytes).ensureAlpha().raw().toBuffer()
    const { width } = item.heat!
    const alpha = (x: number, y: number): number =>
      pixels[4 * (Math.floor(y * width) * width + Math.floor(x * width)) + 3]!
    expect(alpha(0.77, 0.77)).toBeGreaterThan(150)
    expect(alpha(0.2, 0.2)).toBeLessThan(alpha(0.77, 0.77))
    const sheet = await engine.analysisSheet({ id: scores, indexes: [0, 1], what: 'heat', cell: 24 })
    expect(sheet.width).toBe(48)
  })
})
