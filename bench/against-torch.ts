import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median, printTable, python } from './support.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import { writeSafetensors } from '../src-main/engine/storage/safetensors.ts'

const rounds = 5
const iterations = 5

/** The same work as the others', once. */
export interface Contestant {
  name: string
  run: () => Promise<unknown>
}

interface Comparison {
  /** The first is what the others are compared with. */
  ours: Contestant[]
  threads: number
  /** What `bench/torch/time_net.py` is to do, and its further options. */
  torch: string[]
  weights: TensorMap
}

async function milliseconds({ run }: Contestant): Promise<number[]> {
  await run()
  const times: number[] = []
  for (let i = 0; i < iterations; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return times
}

/** Times our work and PyTorch's with the same weights in turns, so that a slow minute hits all, and prints the medians. */
export async function compareWithTorch({ ours, threads, torch, weights }: Comparison): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-'))
  const file = join(folder, 'weights.safetensors')
  await writeSafetensors(file, weights, {})
  const numbers = ['--threads', `${threads}`, '--iterations', `${iterations}`]
  const theirs = (dtype: string): number[] =>
    python<{ ms: number[] }>('torch/time_net.py', [
      ...torch,
      '--weights',
      file,
      '--dtype',
      dtype,
      ...numbers,
    ])[0]!.ms

  const times = new Map<string, number[]>()
  const note = (name: string, values: number[]) => times.set(name, [...(times.get(name) ?? []), ...values])
  for (let round = 0; round < rounds; round++) {
    for (const contestant of ours) note(`ours (${contestant.name})`, await milliseconds(contestant))
    note('PyTorch fp32 eager, channels_last', theirs('float32'))
    note('PyTorch bf16 autocast, channels_last', theirs('bfloat16'))
  }
  await rm(folder, { recursive: true })

  const first = median([...times.values()][0]!)
  console.log(`${machine()}; ${torch.join(' ')}, ${threads} threads, medians of ${rounds * iterations}`)
  printTable(
    ['', 'ms', 'first / this'],
    [...times].map(([name, values]) => [
      name,
      median(values).toFixed(0),
      (first / median(values)).toFixed(2),
    ]),
  )
}
