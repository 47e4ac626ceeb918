// Encoding, drawing and laying out Fashion-MNIST beside PyTorch, scikit-learn and umap-learn, in turns; then what maps of more and more points
// cost, in seconds of the processor, as a table and a picture.
//   npx tsx bench/latent.ts [folder of data: ../shared/data] [--threads 2] [--points 1000,10000,100000] [--curve docs/pictures/latent-cost.svg] [--only curve]
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { costCurve, type Cost } from './latent/curve.ts'
import { machine, median, printTable, python, root, runJob } from './support.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { createEngine } from '../src-main/engine/engine.ts'
import { openRunModel } from '../src-main/engine/latent/model.ts'
import { priorCodes } from '../src-main/engine/latent/prior.ts'
import { umapOf } from '../src-main/engine/latent/umap.ts'
import { openRunData, readTrainedRun } from '../src-main/engine/jobs/trained-run.ts'
import { nearestOthers } from '../src-main/engine/numeric/nearest.ts'
import { fitPca, projectPca } from '../src-main/engine/numeric/pca.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { drawSubset, rowsAt } from '../src-main/engine/numeric/subset.ts'
import { trustOfMap } from '../src-main/engine/numeric/trust.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    points: { type: 'string', default: '1000,10000,100000' },
    curve: { type: 'string' },
    only: { type: 'string' },
  },
})
const rounds = 5
const drawn = 1000
const atATime = 1024
const folder = await mkdtemp(join(tmpdir(), 'darkroom-'))
const idle = {
  signal: new AbortController().signal,
  pause: () => Promise.resolve(),
  emit: () => undefined,
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
/** Of the processor, all threads together: what other programs do beside it counts less. */
async function processorSeconds(work: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}
const theirs = (mode: string, ...rest: string[]): { seconds: number[]; processor: number[] } =>
  python<{ seconds: number[]; processor: number[] }>('python/latent.py', [mode, ...rest])[0]!
const pca = (codes: Float32Array, size: number): Float32Array =>
  projectPca(fitPca(codes, size, 2, createRandom(0)), codes)
const umap = (codes: Float32Array, size: number): Promise<Float32Array> =>
  umapOf(
    { codes, size, count: codes.length / size },
    { neighbours: 15, minDistance: 0.1 },
    createRandom(0),
    idle,
  )

/** With 15 neighbours on 2,000 of the points, the same for every map. */
async function trustworthiness(codes: Float32Array, size: number, points: Float32Array): Promise<string> {
  const measured = drawSubset(points.length / 2, 2000, createRandom(1))
  const trust = await trustOfMap(
    { values: rowsAt(codes, size, measured), columns: size, points: rowsAt(points, 2, measured) },
    15,
  )
  return trust.trustworthiness.toFixed(4)
}

async function writeFloats(name: string, values: Float32Array): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, values)
  return file
}
async function readFloats(file: string): Promise<Float32Array> {
  return new Float32Array(Uint8Array.from(await readFile(file)).buffer)
}

async function besidePeers(): Promise<void> {
  const fashion = join(resolve(positionals[0] ?? join(root, '../shared/data')), 'fashion_mnist')
  const source = { sources: [join(fashion, 'train20k-images-idx3-ubyte.gz')], labels: null }
  const engine = createEngine({ home: folder })
  const trained = await runJob(engine, {
    ...{ type: 'train', data: source, recipe: 'conv-vae', out: join(folder, 'run') },
    overrides: ['steps=400'],
  })
  if (trained.event !== 'done') throw new Error(JSON.stringify(trained))
  await engine.close()
  const run = await readTrainedRun(join(folder, 'run'))
  const backend = await openBackend('auto', { threads: Number(options.threads) })
  const model = openRunModel(run, backend)
  const { dataset } = await openRunData(run, source, { home: folder, ...idle })
  const { count } = dataset
  const size = model.code[0]!
  const images = await dataset.read(Int32Array.from({ length: count }, (_, i) => i))
  const imageFile = await writeFloats('images.f32', images)
  const codes = new Float32Array(count * size)

  const encode = async (): Promise<void> => {
    for (let from = 0; from < count; from += atATime) {
      const part = images.subarray(from * 784, (from + atATime) * 784)
      codes.set((await model.encode!(part)).code, from * size)
    }
  }
  const sample = (): Promise<Float32Array> => model.decode(priorCodes(0, 0, drawn, size))
  const times = { encode: [[], []], sample: [[], []] } as Record<string, [number[], number[]]>
  const threads = ['--threads', `${backend.threads}`]
  await encode()
  await sample()
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 3; i++) times['encode']![0].push(await seconds(encode))
    times['encode']![1].push(...theirs('encode', '--images', imageFile, ...threads).seconds)
    for (let i = 0; i < 3; i++) times['sample']![0].push(await seconds(sample))
    times['sample']![1].push(...theirs('sample', '--count', `${drawn}`, ...threads).seconds)
  }

  const codeFile = await writeFloats('codes.f32', codes)
  const maps: (string | number)[][] = []
  for (const [name, peer, layOut] of [
    ['pca', 'scikit-learn', pca],
    ['umap', 'umap-learn', umap],
  ] as const) {
    let points = new Float32Array()
    const own = await processorSeconds(async () => (points = new Float32Array(await layOut(codes, size))))
    const file = join(folder, `${name}.f32`)
    const given = ['--codes', codeFile, '--size', `${size}`, '--points', file, '--repeat', '1']
    const other = theirs(name, ...given).processor[0]!
    maps.push([
      ...[`map ${count} codes, ${name}`, own.toFixed(2), peer, other.toFixed(2), (own / other).toFixed(2)],
      await trustworthiness(codes, size, points),
      await trustworthiness(codes, size, await readFloats(file)),
    ])
  }
  const row = (name: string, label: string): (string | number)[] => {
    const [own, other] = times[name]!.map(median) as [number, number]
    return [label, own.toFixed(3), 'PyTorch', other.toFixed(3), (own / other).toFixed(2), '', '']
  }
  console.log(
    `${machine()}; ${backend.name}, ${backend.threads} threads; networks: medians of ${3 * rounds} on the clock; maps: once, of the processor`,
  )
  printTable(
    ['', 'ours, s', 'peer', 'peer, s', 'ours / peer', 'trustworthiness, ours', 'peer’s'],
    [row('encode', `encode ${count} images`), row('sample', `draw and decode ${drawn}`), ...maps],
  )
  await dataset.close()
  await model.dispose()
  await backend.close()
}

/** Points as codes lie: ten heaps in sixteen dimensions. */
function synthetic(count: number, size: number): Float32Array {
  const random = createRandom(5)
  const centres = Array.from({ length: 10 * size }, () => random.normal())
  return Float32Array.from(
    { length: count * size },
    (_, at) => centres[(Math.floor(at / size) % 10) * size + (at % size)]! + 0.5 * random.normal(),
  )
}

async function byNumber(): Promise<void> {
  const size = 16
  const costs: Cost[] = []
  for (const count of options.points.split(',').map(Number)) {
    const codes = synthetic(count, size)
    const file = await writeFloats('synthetic.f32', codes)
    const points = join(folder, 'points.f32')
    const peer = theirs('umap', '--codes', file, '--size', `${size}`, '--points', points, '--repeat', '1')
    const cost = {
      count,
      pca: await processorSeconds(() => pca(codes, size)),
      neighbours: await processorSeconds(() => nearestOthers(codes, size, 15)),
      umap: await processorSeconds(() => umap(codes, size)),
      umapLearn: peer.processor[0]!,
    }
    console.log(JSON.stringify(cost))
    costs.push(cost)
  }
  console.log('Seconds of the processor')
  printTable(
    ['points', 'pca', '15 nearest, exact', 'umap', 'umap-learn'],
    costs.map((cost) => [
      ...[cost.count, cost.pca.toFixed(3), cost.neighbours.toFixed(2), cost.umap.toFixed(1)],
      cost.umapLearn.toFixed(1),
    ]),
  )
  if (options.curve !== undefined) await writeFile(options.curve, costCurve(costs))
}

if (options.only !== 'curve') await besidePeers()
await byNumber()
await rm(folder, { recursive: true })
