// One training step of the photo recipe (forward, backward, clipping, Adam, averaging; batch 12 of 96×96) against PyTorch's on the
// same network, in turns. PyTorch's step has no weight averaging.
//   npx tsx bench/training-step.ts [engine: traced]
import { join } from 'node:path'
import { compareWithTorch } from './against-torch.ts'
import { root } from './support.ts'
import { EngineChoice } from '../src-main/contract/jobs.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { initDenoiser } from '../src-main/engine/models/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import {
  initialState,
  stepNumbers,
  trainingSignature,
  trainingStep,
} from '../src-main/engine/training/step.ts'

const engine = EngineChoice.parse(process.argv[2] ?? 'traced')
const recipe = await loadRecipe('photo-denoiser', join(root, 'assets'))
const random = createRandom(1)
const weights = initDenoiser(recipe.model, random)
const signature = trainingSignature(recipe, initialState(recipe, weights))
const backend = await openBackend(engine)
const program = await backend.compile(trainingStep(recipe), signature)

const batch: TensorMap = Object.fromEntries(
  Object.entries(signature.inputs).map(([name, spec]) => {
    const length = spec.shape.reduce((product, n) => product * n, 1)
    return [name, { ...spec, data: Float32Array.from({ length }, () => random.uniform()) }]
  }),
)
let step = 0

await compareWithTorch({
  backend,
  torch: ['train'],
  weights,
  run: () => program.run({ ...batch, ...stepNumbers(recipe, step++) }),
})
await backend.close()
