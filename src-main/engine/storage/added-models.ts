import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { ModelInterface } from '../../contract/models.ts'
import { writeAtomic } from './atomic.ts'

/** What is known of an ONNX file that a person added: `model.json` beside its copy. */
export const AddedModel = z.strictObject({
  version: z.literal(1),
  title: z.string().min(1).max(120),
  licence: z.string().nullable(),
  description: z.string().nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  interface: ModelInterface,
  /** ISO 8601. */
  addedAt: z.string(),
})
export type AddedModel = z.infer<typeof AddedModel>

/** Added models have a folder each, named by their id. */
export const addedFolder = (home: string): string => join(home, 'models')

const factsFile = (folder: string): string => join(folder, 'model.json')
export const addedModelFile = (folder: string): string => join(folder, 'model.onnx')

/** @throws model-unreadable */
export async function readAddedModel(folder: string): Promise<AddedModel> {
  const file = factsFile(folder)
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new DarkroomError('model-unreadable', { file, received: String(cause) }, cause)
  }
  return parseOrThrow(AddedModel, json, 'model-unreadable', file)
}

const writeFacts = (file: string, facts: AddedModel): Promise<void> =>
  writeFile(file, `${JSON.stringify(facts, null, 2)}\n`)

/** Makes the folder of an added model, all of it or nothing. @throws output-unwritable, disk-full. */
export async function writeAddedModel(folder: string, bytes: Uint8Array, facts: AddedModel): Promise<void> {
  const write = async (temporary: string): Promise<void> => {
    await mkdir(temporary)
    await writeFile(addedModelFile(temporary), bytes)
    await writeFacts(factsFile(temporary), facts)
  }
  // `overwrite` means a rename, and a folder never takes the place of one that holds something.
  await writeAtomic(folder, write, { overwrite: true })
}

/** Replaces what is known of an added model. */
export async function changeAddedModel(folder: string, facts: AddedModel): Promise<void> {
  await writeAtomic(factsFile(folder), (temporary) => writeFacts(temporary, facts), { overwrite: true })
}

/** Names that Windows keeps for devices, and those of trained models. */
const reserved = /^(run-.*|con|prn|aux|nul|(com|lpt)\d)$/

/** An id that is made from a title and is none of those that are taken: `night-photos`, `night-photos-2`. */
export function idFromTitle(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  const base = plain === '' ? 'model' : reserved.test(plain) ? `model-${plain}` : plain
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`
    if (!taken.has(id)) return id
  }
}
