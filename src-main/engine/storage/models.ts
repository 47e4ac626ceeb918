import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DarkroomError, parseOrThrow, toErrorDetail } from '../../contract/errors.ts'
import {
  denoisingInterface,
  interfaceOf,
  ModelCard,
  type ModelEntry,
  type ModelInterface,
  zeroShotInterface,
  zeroShotModel,
} from '../../contract/models.ts'
import {
  addedFolder,
  AddedModel,
  addedModelFile,
  changeAddedModel,
  idFromTitle,
  readAddedModel,
  writeAddedModel,
} from './added-models.ts'
import { isTemporaryName, temporaryName } from './atomic.ts'
import { readRunTitle, writeRunTitle } from './run-title.ts'
import { readRun, runFile } from './runs.ts'

/** Where models are: the product's own files, and the program's folder of this person. */
export interface ModelFolders {
  assets: string
  home: string
}

/** A network as bytes, and what is known of it. */
export interface ModelFile {
  /** Its id without what tells runs apart from the others, or the name of the file or the run folder. */
  name: string
  /** The ONNX file that the bytes are from. */
  file: string
  /** Null of the denoiser that has no file, `zero-shot`. */
  bytes: Uint8Array | null
  /** Of shipped models. */
  card: ModelCard | null
  /** Of added models, and of runs of autoencoders that denoise; null where the file's own metadata tells, or nothing does. */
  interface: ModelInterface | null
}

/** One model that can be chosen by id, before anything of it is read. */
interface Place {
  id: string
  name: string
  origin: ModelEntry['origin']
  folder: string
}

const trainedPrefix = 'run-'

/** Shipped, built-in, added, then trained ones, each by name. Runs that clean no photographs are none. No id is there twice: `idFromTitle` keeps clear of the others. */
async function findPlaces({ assets, home }: ModelFolders): Promise<Place[]> {
  const [shipped, added, runs] = await Promise.all([
    foldersWith(join(assets, 'models'), cardFile),
    foldersWith(addedFolder(home), (folder) => folder),
    foldersWith(join(home, 'runs'), (folder) => runFile(folder, 'model')),
  ])
  const cleans = await Promise.all(runs.map(cleansPhotographs))
  const trained = runs.filter((_, i) => cleans[i])
  const place = (origin: Place['origin'], prefix = '') => {
    return (folder: string): Place => {
      const name = basename(folder)
      return { id: prefix + name, name, origin, folder }
    }
  }
  return [
    ...shipped.map(place('shipped')),
    place('built-in')(zeroShotModel),
    ...added.map(place('added')),
    ...trained.map(place('trained', trainedPrefix)),
  ]
}

/** A run that cannot be read counts: it is listed with what is wrong with it. */
async function cleansPhotographs(run: string): Promise<boolean> {
  const info = await readRun(run).catch(() => null)
  return info === null || denoisingInterface(info.recipe) !== null
}

/** The folders in a folder that hold something, sorted. */
async function foldersWith(parent: string, required: (folder: string) => string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => [])
  const folders = entries
    .filter((entry) => entry.isDirectory() && !isTemporaryName(entry.name))
    .map((entry) => join(parent, entry.name))
  const holds = await Promise.all(folders.map((folder) => stat(required(folder)).then(Boolean, () => false)))
  return folders.filter((_, i) => holds[i]).sort()
}

/** Ids of the models that come with the product. */
export async function shippedModels(assets: string): Promise<string[]> {
  return (await foldersWith(join(assets, 'models'), cardFile)).map((folder) => basename(folder))
}

/** Every model that can be chosen. A damaged one is there too, and says what is wrong with it. */
export async function listModels(folders: ModelFolders): Promise<ModelEntry[]> {
  return Promise.all((await findPlaces(folders)).map(readEntry))
}

async function readEntry(place: Place): Promise<ModelEntry> {
  const entry: ModelEntry = {
    ...{ id: place.id, title: place.name, origin: place.origin, file: place.folder, bytes: 0 },
    ...{ interface: null, card: null, licence: null, description: null, error: null },
  }
  try {
    Object.assign(entry, await readFacts(place))
    if (place.origin !== 'built-in') entry.bytes = (await stat(entry.file)).size
    return entry
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    const error = isMissing
      ? ({ code: 'model-unreadable', file: entry.file, received: 'no such file' } as const)
      : toErrorDetail(thrown, entry.file)
    return { ...entry, interface: null, error }
  }
}

async function readFacts({ id, name, origin, folder }: Place): Promise<Partial<ModelEntry>> {
  switch (origin) {
    case 'shipped': {
      const card = await readCard(folder, id)
      return { title: card.title, file: join(folder, card.file), interface: interfaceOf(card.spec), card }
    }
    case 'built-in':
      return { file: '', interface: zeroShotInterface }
    case 'added': {
      const { title, licence, description, interface: found } = await readAddedModel(folder)
      return { title, licence, description, file: addedModelFile(folder), interface: found }
    }
    case 'trained': {
      const { recipe } = await readRun(folder)
      const title = (await readRunTitle(folder)) ?? name
      return { title, file: runFile(folder, 'model'), interface: denoisingInterface(recipe) }
    }
  }
}

/**
 * Reads a network.
 * @param choice the id of a shipped, built-in, added or trained model, an .onnx file, or the folder of a run that has written its
 * model; tried in this order.
 * @throws model-unknown, or model-unreadable, also when the file is not the one that its card describes or that was added.
 */
export async function readModel(choice: string, folders: ModelFolders): Promise<ModelFile> {
  const places = await findPlaces(folders)
  const place = places.find(({ id }) => id === choice)
  if (place !== undefined) return readPlace(place)
  const status = await stat(choice).catch(() => null)
  if (status?.isDirectory()) return readRunModel(choice)
  if (status === null || !choice.toLowerCase().endsWith('.onnx')) {
    throw new DarkroomError('model-unknown', {
      expected: [...places.map(({ id }) => id), 'an .onnx file', 'a run folder'].join(', '),
      received: choice,
    })
  }
  const name = basename(choice).slice(0, -'.onnx'.length)
  return { name, file: choice, bytes: await readBytes(choice), card: null, interface: null }
}

async function readPlace({ id, origin, folder }: Place): Promise<ModelFile> {
  if (origin === 'trained') return readRunModel(folder)
  if (origin === 'built-in') return { name: id, file: id, bytes: null, card: null, interface: null }
  if (origin === 'shipped') {
    const card = await readCard(folder, id)
    const file = join(folder, card.file)
    return { name: id, file, bytes: await readBytes(file, card.sha256), card, interface: null }
  }
  const facts = await readAddedModel(folder)
  const file = addedModelFile(folder)
  const bytes = await readBytes(file, facts.sha256)
  return { name: id, file, bytes, card: null, interface: facts.interface }
}

async function readRunModel(folder: string): Promise<ModelFile> {
  const file = runFile(folder, 'model')
  const bytes = await readBytes(file)
  const recipe = await readRun(folder).then(
    (info) => info.recipe,
    () => null,
  )
  // The file of an autoencoder does not say what it was trained for.
  const found = recipe?.model.type === 'autoencoder' ? denoisingInterface(recipe) : null
  return { name: basename(resolve(folder)), file, bytes, card: null, interface: found }
}

/** What is in the file of a network. @throws model-incompatible for one that has no file. */
export function bytesOf({ bytes, file }: Pick<ModelFile, 'bytes' | 'file'>): Uint8Array {
  if (bytes !== null) return bytes
  throw new DarkroomError('model-incompatible', { file, expected: 'an ONNX file', received: 'no file' })
}

/** Copies a network into the program's folder, as one of its own. @throws output-unwritable, disk-full. */
export async function storeModel(
  bytes: Uint8Array,
  facts: Omit<AddedModel, 'version' | 'sha256' | 'addedAt'>,
  folders: ModelFolders,
): Promise<ModelEntry> {
  const sha256 = hashOf(bytes)
  const places = await findPlaces(folders)
  const id = idFromTitle(facts.title, new Set(places.map((place) => place.id)))
  const folder = join(addedFolder(folders.home), id)
  await writeAddedModel(folder, bytes, { version: 1, ...facts, sha256, addedAt: new Date().toISOString() })
  return readEntry({ id, name: id, origin: 'added', folder })
}

/** The model, shipped or added, whose file has this content; null where there is none. */
export async function findSameModel(bytes: Uint8Array, folders: ModelFolders): Promise<ModelEntry | null> {
  const sha256 = hashOf(bytes)
  for (const place of await findPlaces(folders)) {
    if (place.origin === 'trained' || place.origin === 'built-in') continue
    const read = place.origin === 'shipped' ? readCard(place.folder, place.id) : readAddedModel(place.folder)
    const known = await read.catch(() => null)
    if (known?.sha256 !== sha256) continue
    const entry = await readEntry(place)
    if (entry.error === null) return entry
  }
  return null
}

/**
 * Gives an added or trained model another title; its id stays.
 * @throws model-unknown; argument-invalid for a shipped model, and for a title that is empty or too long.
 */
export async function renameModel(id: string, title: string, folders: ModelFolders): Promise<ModelEntry> {
  const place = await findOwn(id, folders)
  parseOrThrow(AddedModel.shape.title, title, 'argument-invalid')
  const { folder } = place
  if (place.origin === 'added') await changeAddedModel(folder, { ...(await readAddedModel(folder)), title })
  else await writeRunTitle(folder, title)
  return readEntry(place)
}

/**
 * Deletes an added model, or the network file of a trained one: its run keeps weights, checkpoint and log, from which
 * `train --resume` writes the file again.
 * @throws model-unknown, argument-invalid for a shipped model, output-unwritable.
 */
export async function deleteModel(id: string, folders: ModelFolders): Promise<void> {
  const { folder, origin } = await findOwn(id, folders)
  try {
    if (origin === 'trained') return await rm(runFile(folder, 'model'))
    // Away from the list at once, whatever becomes of removing it.
    const doomed = join(addedFolder(folders.home), temporaryName())
    await rename(folder, doomed)
    await rm(doomed, { recursive: true })
  } catch (cause) {
    throw new DarkroomError('output-unwritable', { file: folder, received: String(cause) }, cause)
  }
}

/** A model that a person may change. */
async function findOwn(id: string, folders: ModelFolders): Promise<Place> {
  const places = await findPlaces(folders)
  const own = places.filter(({ origin }) => origin === 'added' || origin === 'trained')
  const place = own.find((one) => one.id === id)
  if (place !== undefined) return place
  const expected = own.map((one) => one.id).join(', ')
  const detail = { ...(expected === '' ? {} : { expected }), received: id }
  throw new DarkroomError(places.some((one) => one.id === id) ? 'argument-invalid' : 'model-unknown', detail)
}

const cardFile = (folder: string): string => join(folder, 'model.json')

async function readCard(folder: string, id: string): Promise<ModelCard> {
  const file = cardFile(folder)
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const detail = { file, expected: 'a model card', received: String(cause) }
    throw new DarkroomError('model-unreadable', detail, cause)
  }
  const card = parseOrThrow(ModelCard, json, 'model-unreadable', file)
  if (card.id !== id) throw new DarkroomError('model-unreadable', { file, expected: id, received: card.id })
  return card
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** @param sha256 what the file is known to be. */
async function readBytes(file: string, sha256?: string): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new DarkroomError('model-unreadable', { file, received: String(cause) }, cause)
  }
  const received = sha256 === undefined ? sha256 : hashOf(bytes)
  if (received !== sha256)
    throw new DarkroomError('model-unreadable', {
      file,
      expected: `sha256 ${sha256 ?? ''}`,
      received: received ?? '',
    })
  return bytes
}
