// The shipped network's time for one picture against PyTorch's with the same weights, in turns.
//   npx tsx bench/inference.ts [side of the picture: 512]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median, openPhoto, printTable, python } from './support.ts'
import { readOnnxWeights } from '../src-main/engine/models/onnx-weights.ts'
import { writeSafetensors } from '../src-main/engine/storage/safetensors.ts'

const side = Number(process.argv[2] ?? 512)
const rounds = 5
const iterations = 5

const { backend, denoiser, bytes, spec } = await openPhoto()
const folder = await mkdtemp(join(tmpdir(), 'darkroom-'))
const weights = join(folder, 'weights.safetensors')
await writeSafetensors(weights, readOnnxWeights(spec, bytes, 'photo.onnx'), {})

const image = (channels: number) => ({
  shape: [1, channels, side, side],
  dtype: 'float32' as const,
  data: Float32Array.from({ length: channels * side * side }, (_, i) => (i % 251) / 251),
})
const inputs = { noisy: image(3), sigma: image(1) }

async function ours(): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < iterations + 2; i++) {
    const start = performance.now()
    await denoiser.session.run(inputs)
    times.push(performance.now() - start)
  }
  return times.slice(2)
}

function torch(dtype: string): number[] {
  const options = [
    'infer',
    '--weights',
    weights,
    '--dtype',
    dtype,
    '--size',
    `${side}`,
    '--iterations',
    `${iterations}`,
  ]
  return python<{ ms: number[] }>('torch/time_net.py', [...options, '--threads', `${backend.threads}`])[0]!.ms
}

const times = { ours: [] as number[], float32: [] as number[], bfloat16: [] as number[] }
for (let round = 0; round < rounds; round++) {
  times.ours.push(...(await ours()))
  times.float32.push(...torch('float32'))
  times.bfloat16.push(...torch('bfloat16'))
}
await rm(folder, { recursive: true })
await backend.close()

const own = median(times.ours)
const row = (name: string, values: number[]): (string | number)[] => {
  const ms = median(values)
  return [name, ms.toFixed(0), (ms / ((side * side) / 1e6)).toFixed(0), (own / ms).toFixed(2)]
}
console.log(`${machine()}; ${side}×${side}, ${backend.threads} threads, medians of ${rounds * iterations}`)
printTable(
  ['', 'ms', 'ms per megapixel', 'ours / this'],
  [
    row(`ours (${backend.name}, ${backend.version})`, times.ours),
    row('PyTorch fp32 eager, channels_last', times.float32),
    row('PyTorch bf16 autocast, channels_last', times.bfloat16),
  ],
)
