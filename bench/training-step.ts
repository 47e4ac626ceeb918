// One training step of the photo recipe (forward, backward, clipping, Adam, averaging; batch 12 of 96×96) against PyTorch's on the
// same network, in turns. PyTorch's step has no weight averaging.
//   npx tsx bench/training-step.ts [engine: traced]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median, printTable, python, root } from './support.ts'
import { EngineChoice } from '../src-main/contract/jobs.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { initDenoiser } from '../src-main/engine/models/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import { writeSafetensors } from '../src-main/engine/storage/safetensors.ts'
import {
  initialState,
  stepNumbers,
  trainingSignature,
  trainingStep,
} from '../src-main/engine/training/step.ts'

const rounds = 4
const iterations = 6

const engine = EngineChoice.parse(process.argv[2] ?? 'traced')
const recipe = await loadRecipe('photo-denoiser', join(root, 'assets'))
const random = createRandom(1)
const weights = initDenoiser(recipe.model, random)
const backend = await openBackend(engine)
const state = initialState(recipe, weights)
const signature = trainingSignature(recipe, state)
const program = await backend.compile(trainingStep(recipe), signature)

const batch: TensorMap = Object.fromEntries(
  Object.entries(signature.inputs).map(([name, spec]) => {
    const length = spec.shape.reduce((product, n) => product * n, 1)
    return [name, { ...spec, data: Float32Array.from({ length }, () => random.uniform()) }]
  }),
)
let step = 0
async function ours(): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < iterations + 1; i++) {
    const inputs = { ...batch, ...stepNumbers(recipe, step++) }
    const start = performance.now()
    await program.run(inputs)
    times.push(performance.now() - start)
  }
  return times.slice(1)
}

const folder = await mkdtemp(join(tmpdir(), 'darkroom-'))
const file = join(folder, 'weights.safetensors')
await writeSafetensors(file, weights, {})
function torch(dtype: string): number[] {
  const options = ['train', '--weights', file, '--dtype', dtype, '--threads', `${backend.threads}`]
  return python<{ ms: number[] }>('torch/time_net.py', [...options, '--iterations', `${iterations}`])[0]!.ms
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
const row = (name: string, values: number[]): (string | number)[] => [
  name,
  median(values).toFixed(0),
  (own / median(values)).toFixed(2),
]
console.log(`${machine()}; ${backend.threads} threads, medians of ${rounds * iterations} steps`)
printTable(
  ['', 'ms a step', 'ours / this'],
  [
    row(`ours (${backend.name}, ${backend.version})`, times.ours),
    row('PyTorch fp32 eager, channels_last', times.float32),
    row('PyTorch bf16 autocast, channels_last', times.bfloat16),
  ],
)
