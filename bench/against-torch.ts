import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median, printTable, python } from './support.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import type { Backend } from '../src-main/engine/backend/backend.ts'
import { writeSafetensors } from '../src-main/engine/storage/safetensors.ts'

const rounds = 5
const iterations = 5

interface Comparison {
  backend: Backend
  /** What `bench/torch/time_net.py` is to do, and its further options. */
  torch: string[]
  weights: TensorMap
  /** The same work on our side, once. */
  run: () => Promise<unknown>
}

/** Times our work and PyTorch's with the same weights in turns, so that a slow minute hits all, and prints the medians. */
export async function compareWithTorch({ backend, torch, weights, run }: Comparison): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const file = join(folder, 'weights.safetensors')
  await writeSafetensors(file, weights, {})
  const ours = async (): Promise<number[]> => {
    await run()
    const times: number[] = []
    for (let i = 0; i < iterations; i++) {
      const start = performance.now()
      await run()
      times.push(performance.now() - start)
    }
    return times
  }
  const numbers = ['--threads', `${backend.threads}`, '--iterations', `${iterations}`]
  const theirs = (dtype: string): number[] =>
    python<{ ms: number[] }>('torch/time_net.py', [
      ...torch,
      '--weights',
      file,
      '--dtype',
      dtype,
      ...numbers,
    ])[0]!.ms

  const times = { ours: [] as number[], float32: [] as number[], bfloat16: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    times.ours.push(...(await ours()))
    times.float32.push(...theirs('float32'))
    times.bfloat16.push(...theirs('bfloat16'))
  }
  await rm(folder, { recursive: true })

  const own = median(times.ours)
  const row = (name: string, values: number[]) => [
    name,
    median(values).toFixed(0),
    (own / median(values)).toFixed(2),
  ]
  console.log(
    `${machine()}; ${torch.join(' ')}, ${backend.threads} threads, medians of ${rounds * iterations}`,
  )
  printTable(
    ['', 'ms', 'ours / this'],
    [
      row(`ours (${backend.name}, ${backend.version})`, times.ours),
      row('PyTorch fp32 eager, channels_last', times.float32),
      row('PyTorch bf16 autocast, channels_last', times.bfloat16),
    ],
  )
}
