// One training step of the photo recipe (forward, backward, clipping, Adam, averaging; batch 12 of 96×96) against PyTorch's on the
// same network, in turns. PyTorch's step has no weight averaging.
//   npx tsx bench/training-step.ts [engine: traced]
import { join } from 'node:path'
import { compareWithTorch } from './against-torch.ts'
import { root } from './support.ts'
import { EngineChoice } from '../src-main/contract/engines.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import type { Tensors } from '../src-main/engine/backend/backend.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { denoiserShapes, initDenoiser } from '../src-main/engine/models/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import { asRestorer } from '../src-main/engine/training/restoration.ts'
import { restorerInputs, restorerPass } from '../src-main/engine/training/restorer-terms.ts'
import {
  initialState,
  optimizerInputs,
  optimizerValues,
  trainingStep,
} from '../src-main/engine/training/step.ts'

const engine = EngineChoice.parse(process.argv[2] ?? 'traced')
const recipe = asRestorer(await loadRecipe('photo-denoiser', join(root, 'assets')))
const { optimizer, model, data } = recipe
const batchSize = 12
const random = createRandom(1)
const weights = initDenoiser(model, random)
const pass = restorerPass(recipe)
const terms = (tensors: Tensors, inputs: Tensors) => ({ loss: pass.run(tensors, inputs).loss })
const stage = { updates: [{ trains: Object.keys(denoiserShapes(model)), terms }] }
const given = restorerInputs(recipe, batchSize, data.patch)
const backend = await openBackend(engine)
const program = await backend.compile(trainingStep(optimizer, stage), {
  state: initialState(optimizer, weights, stage),
  inputs: { ...given, ...optimizerInputs(optimizer) },
})

const batch: TensorMap = Object.fromEntries(
  Object.entries(given).map(([name, spec]) => {
    const length = spec.shape.reduce((product, n) => product * n, 1)
    return [name, { ...spec, data: Float32Array.from({ length }, () => random.uniform()) }]
  }),
)
let step = 0

await compareWithTorch({
  backend,
  torch: ['train'],
  weights,
  run: () => program.run({ ...batch, ...optimizerValues(optimizer, optimizer.rate, step++) }),
})
await backend.close()
