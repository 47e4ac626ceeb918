// Puts trained weights into assets/models/<id>: writes the ONNX file and its hash into the card, which must be there already.
//   npx tsx scripts/ship-model.ts <id> <weights.safetensors>
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseOrThrow } from '../src-main/contract/errors.ts'
import { ModelCard } from '../src-main/contract/models.ts'
import { exportDenoiser } from '../src-main/engine/models/denoiser.ts'
import { readSafetensors } from '../src-main/engine/storage/safetensors.ts'

const [id, weights] = process.argv.slice(2)
if (id === undefined || weights === undefined)
  throw new Error('Usage: npx tsx scripts/ship-model.ts <id> <weights.safetensors>')

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
const folder = join(root, 'assets/models', id)
const cardFile = join(folder, 'model.json')
const card = parseOrThrow(
  ModelCard,
  JSON.parse(await readFile(cardFile, 'utf8')),
  'model-unreadable',
  cardFile,
)

const { tensors } = await readSafetensors(weights)
const metadata = {
  title: card.title,
  licence: card.licence,
  recipe: card.training.recipe,
  seed: `${card.training.seed}`,
  steps: `${card.training.steps}`,
}
const model = exportDenoiser(card.spec, tensors, metadata, version)
await writeFile(join(folder, card.file), model)
const sha256 = createHash('sha256').update(model).digest('hex')
await writeFile(cardFile, JSON.stringify({ ...card, sha256 }, null, 2) + '\n')
console.log(`${card.file}: ${(model.length / 1e6).toFixed(1)} MB, sha256 ${sha256}`)
