import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { ModelCard } from '../../contract/models.ts'
import { runFile } from './runs.ts'

/** A network as bytes, and what is known of it. */
export interface ModelFile {
  /** The shipped model's id, or the name of the file or the run folder. */
  name: string
  /** The ONNX file that the bytes are from. */
  file: string
  bytes: Uint8Array
  /** Of shipped models. */
  card: ModelCard | null
}

const shippedFolder = (assets: string): string => join(assets, 'models')

/**
 * The cards of the models that come with the product, by id.
 * @throws model-unreadable when one of them is damaged.
 */
export async function listModels(assets: string): Promise<ModelCard[]> {
  return Promise.all((await shippedIds(assets)).map((id) => readCard(assets, id)))
}

/**
 * Reads a network.
 * @param choice a shipped model's id, an .onnx file, or the folder of a run that has written its model.
 * @throws model-unknown, or model-unreadable, also when a shipped model is not the file that its card describes.
 */
export async function readModel(choice: string, assets: string): Promise<ModelFile> {
  const ids = await shippedIds(assets)
  if (ids.includes(choice)) {
    const card = await readCard(assets, choice)
    const file = join(shippedFolder(assets), choice, card.file)
    const bytes = await readBytes(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (sha256 !== card.sha256) {
      throw new DarkroomError('model-unreadable', {
        file,
        expected: `sha256 ${card.sha256}`,
        received: sha256,
      })
    }
    return { name: choice, file, bytes, card }
  }
  const status = await stat(choice).catch(() => null)
  if (status?.isDirectory()) {
    const file = runFile(choice, 'model')
    return { name: basename(resolve(choice)), file, bytes: await readBytes(file), card: null }
  }
  if (status === null || !choice.toLowerCase().endsWith('.onnx')) {
    throw new DarkroomError('model-unknown', {
      expected: [...ids, 'an .onnx file', 'a run folder'].join(', '),
      received: choice,
    })
  }
  return {
    name: basename(choice).slice(0, -'.onnx'.length),
    file: choice,
    bytes: await readBytes(choice),
    card: null,
  }
}

/** Folders that hold a card. */
async function shippedIds(assets: string): Promise<string[]> {
  const entries = await readdir(shippedFolder(assets), { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const hasCard = await Promise.all(
    folders.map((id) => stat(cardFile(assets, id)).then(Boolean, () => false)),
  )
  return folders.filter((_, i) => hasCard[i]).sort()
}

const cardFile = (assets: string, id: string): string => join(shippedFolder(assets), id, 'model.json')

async function readCard(assets: string, id: string): Promise<ModelCard> {
  const file = cardFile(assets, id)
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new DarkroomError(
      'model-unreadable',
      { file, expected: 'a model card', received: String(cause) },
      cause,
    )
  }
  const card = parseOrThrow(ModelCard, json, 'model-unreadable', file)
  if (card.id !== id) throw new DarkroomError('model-unreadable', { file, expected: id, received: card.id })
  return card
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new DarkroomError('model-unreadable', { file, received: String(cause) }, cause)
  }
}
