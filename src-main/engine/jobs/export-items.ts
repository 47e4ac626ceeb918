import { access, copyFile, link, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import type { ExportItemsJob } from '../../contract/latent-jobs.ts'
import { readCsv } from '../data/csv.ts'
import type { Dataset } from '../data/dataset.ts'
import { nameInFile } from '../data/sample-source.ts'
import { openIdx } from '../data/idx.ts'
import { byteScale, imagesOf } from '../data/idx-samples.ts'
import { numberIn, openTable } from '../data/table.ts'
import { openLatentData } from '../latent/model.ts'
import { outputError, writeAtomic } from '../storage/atomic.ts'
import { csvLine } from '../storage/csv-write.ts'
import { framePng, type Frame } from '../storage/frames.ts'
import { folderNote, provenanceOf, writeExport, writeFolderNote } from '../storage/provenance.ts'
import type { ByteImage } from '../storage/sample-images.ts'
import { freeName } from '../storage/zip-write.ts'
import type { JobContext } from './context.ts'
import { folderName, pngNames } from './naming.ts'
import { removeFiles } from './latent-pictures.ts'
import { readTrainedRun, sourceFor, type TrainedRun } from './trained-run.ts'
import { checkFree } from './with-latents.ts'

/** Where files go, which names are taken there, in lower case, and what was written so far. */
interface Target {
  folder: string
  files: string[]
  taken: Set<string>
  overwrite: boolean
}

/** Told of every item, and awaited: throws where the job is to stop. */
type Step = () => Promise<void>

/**
 * Takes items out of a dataset: their files, pictures or rows in a folder, or a table of their names. A name that is taken gets a number.
 * @throws data errors; argument-invalid for an item or a label that cannot be; file-exists where the folder holds an export already;
 *   output-unwritable, disk-full
 */
export async function exportItems(job: ExportItemsJob, context: JobContext): Promise<JobResult> {
  const { data, label, overwrite } = job
  const indexes = [...new Set(job.indexes)]
  const folder = label === null ? job.out : join(job.out, folderOf(label))
  await checkFree([job.as === 'csv' ? job.out : join(folder, folderNote)], overwrite)
  const run = await readTrainedRun(job.run)
  const { dataset } = await openLatentData(run, data, context)
  try {
    checkItems(dataset, indexes, data.sources)
    const labelOf = ownLabels(dataset, job.labelled)
    const provenance = await provenanceOf(job, run, null, context.product)
    if (job.as === 'csv') {
      const files = await writeExport(
        job.out,
        namesCsv(dataset, indexes, label === null ? labelOf : () => label),
        provenance,
        overwrite,
      )
      return { type: 'export-items', items: indexes.length, files }
    }
    const isNew = !(await isThere(folder))
    const written: string[] = []
    let done = 0
    const step: Step = async () => {
      context.signal.throwIfAborted()
      await context.pause()
      const progress = { done: done++, total: indexes.length, secondsLeft: null }
      context.emit({ event: 'progress', progress })
    }
    try {
      for (const [within, some] of placesOf(job, dataset, indexes, folder, labelOf)) {
        const taken = await namesIn(within, overwrite)
        await writeItems(
          { ...job, indexes: some },
          run,
          dataset,
          { folder: within, files: written, taken, overwrite },
          step,
        )
      }
      const files = [...written, await writeFolderNote(folder, provenance, overwrite)]
      return { type: 'export-items', items: indexes.length, files }
    } catch (thrown) {
      // Where it is asked for again, it would all be there twice.
      if (!overwrite) await removeFiles(written, isNew ? folder : null)
      throw thrown
    }
  } finally {
    await dataset.close()
  }
}

/** @throws argument-invalid for a label that cannot be a folder */
function folderOf(label: string): string {
  const name = folderName(label)
  if (name !== '') return name
  throw new DarkroomError('argument-invalid', {
    file: 'label',
    expected: 'a name for a folder',
    received: label,
  })
}

/** The label of an item: that given by hand, or the one that it has; null for none. Null where nothing has any. */
type LabelOf = ((index: number) => string | null) | null

function ownLabels({ labels }: Dataset, labelled: ExportItemsJob['labelled']): LabelOf {
  if (labels === null && labelled.length === 0) return null
  const byHand = new Map(labelled.map(({ index, label }) => [index, label]))
  return (index) => byHand.get(index) ?? labels?.names[labels.of[index]!] ?? null
}

/** Which items go into which folder. Of rows there is one table, which has their labels in it. */
function placesOf(
  { label, byLabel }: ExportItemsJob,
  { shape }: Dataset,
  indexes: number[],
  folder: string,
  labelOf: LabelOf,
): Map<string, number[]> {
  if (!byLabel || label !== null || labelOf === null || shape.length === 1)
    return new Map([[folder, indexes]])
  const places = new Map<string, number[]>()
  for (const index of indexes) {
    const own = labelOf(index)
    const within = own === null ? folder : join(folder, folderOf(own))
    places.set(within, [...(places.get(within) ?? []), index])
  }
  return places
}

function checkItems({ count }: Dataset, indexes: number[], sources: string[]): void {
  const missing = indexes.find((index) => index >= count)
  if (missing === undefined) return
  throw new DarkroomError('argument-invalid', {
    file: sources.join(', '),
    expected: `items from 0 to ${count - 1}`,
    received: `${missing}`,
  })
}

function namesCsv(dataset: Dataset, indexes: number[], labelOf: LabelOf): string {
  const lines = indexes.map((index) =>
    csvLine([dataset.name(index), ...(labelOf === null ? [] : [labelOf(index) ?? ''])]),
  )
  return `${[csvLine(['name', ...(labelOf === null ? [] : ['label'])]), ...lines].join('\n')}\n`
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** What others have put into the folder keeps its name. */
async function namesIn(folder: string, overwrite: boolean): Promise<Set<string>> {
  if (overwrite) return new Set()
  return new Set((await readdir(folder).catch(() => [])).map((name) => name.toLowerCase()))
}

function writeItems(
  { as, indexes, data }: ExportItemsJob,
  run: TrainedRun,
  dataset: Dataset,
  target: Target,
  step: Step,
): Promise<void> {
  const file = resolve(data.sources[0]!)
  if (dataset.kind === 'csv') {
    const labels = dataset.labels === null ? null : sourceFor(run.info, data).labels
    return writeTableRows(file, labels, rowsOf(dataset, indexes), target, step)
  }
  if (dataset.kind === 'idx' && dataset.shape.length === 1)
    return writeSampleRows(file, rowsOf(dataset, indexes), target, step)
  const images = imagesIn(dataset, indexes)
  if (dataset.kind === 'idx') return writeIdxImages(file, images, target, step)
  return placeFiles(images, as === 'links', target, step)
}

/** Rows of a file that items are, or that windows hold. */
function rowsOf(dataset: Dataset, indexes: number[]): Set<number> {
  if (dataset.groups === null) return new Set(indexes.map((index) => dataset.place(index)))
  const { starts, extent } = dataset.groups
  return new Set(
    indexes.flatMap((index) => Array.from({ length: extent[0]! }, (_, row) => starts[index]! + row)),
  )
}

/** Names of images that items are, or that tiles are cut out of, each once. */
function imagesIn(dataset: Dataset, indexes: number[]): string[] {
  const { groups } = dataset
  return [...new Set(indexes.map((index) => groups?.names[groups.of[index]!] ?? dataset.name(index)))]
}

async function placeFiles(paths: string[], asLinks: boolean, target: Target, step: Step): Promise<void> {
  await mkdir(target.folder, { recursive: true }).catch((cause: unknown) => {
    throw outputError(cause, target.folder)
  })
  for (const path of paths) {
    await step()
    const file = join(target.folder, freeName(basename(path), target.taken))
    if (asLinks) await placeLink(path, file, target.overwrite)
    else await writeAtomic(file, (temporary) => copyFile(path, temporary), target)
    target.files.push(file)
  }
}

/** A symbolic link; on systems that keep those for administrators a hard one, which only works on the same disk. */
async function placeLink(path: string, file: string, overwrite: boolean): Promise<void> {
  try {
    if (overwrite) await rm(file, { force: true })
    await symlink(path, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
      return link(path, file)
    })
  } catch (error) {
    throw outputError(error, file)
  }
}

/** Images as they are in the file, whatever size the run's network takes. */
async function writeIdxImages(file: string, images: string[], target: Target, step: Step): Promise<void> {
  const { header, close } = await openIdx(file)
  await close()
  const names = new Map(pngNames(images).map((name, i) => [images[i]!, freeName(name, target.taken)]))
  let [index, left] = [0, names.size]
  for await (const image of imagesOf(file, await byteScale(file, header))) {
    const name = names.get(nameInFile(file, index++))
    if (name === undefined) continue
    await step()
    const path = join(target.folder, name)
    await writeBytes(path, await framePng(toFrame(image)), target)
    if (--left === 0) break
  }
}

function toFrame({ width, height, channels, data }: ByteImage): Frame {
  const pixels = new Uint8Array(4 * width * height).fill(255)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < Math.max(3, channels); c++)
      pixels[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)]!
  return { width, height, data: pixels }
}

/** Lines of the table as they are, labels and all, below its header where it has one. */
async function writeTableRows(
  file: string,
  labels: string | null,
  wanted: Set<number>,
  target: Target,
  step: Step,
): Promise<void> {
  const column = labels?.startsWith('column:') === true ? labels.slice('column:'.length) : null
  const table = await openTable(file, column)
  await table.close()
  const lines: string[] = table.header === null ? [] : [csvLine(table.header)]
  let index = table.header === null ? 0 : -1
  for await (const { cells, delimiter } of readCsv(file)) {
    if (!wanted.has(index++)) continue
    await step()
    // Between semicolons commas are decimal ones.
    const isDecimal = (cell: string): boolean =>
      delimiter === ';' && Number.isFinite(numberIn(cell, delimiter))
    lines.push(csvLine(cells.map((cell) => (isDecimal(cell) ? cell.replace(',', '.') : cell))))
  }
  return writeTable(file, lines, target)
}

/** Rows of numbers that come from no table: without a header. */
async function writeSampleRows(file: string, wanted: Set<number>, target: Target, step: Step): Promise<void> {
  const lines: string[] = []
  let index = 0
  for await (const item of (await openIdx(file)).items) {
    if (!wanted.has(index++)) continue
    await step()
    lines.push(csvLine(Array.from<number>(item)))
    if (lines.length === wanted.size) break
  }
  return writeTable(file, lines, target)
}

function writeTable(file: string, lines: string[], target: Target): Promise<void> {
  const { folder, taken } = target
  const stem = basename(file).replace(/(\.[^.]+)?(\.gz)?$/i, '')
  const path = join(folder, freeName(`${stem}.csv`, taken))
  return writeBytes(path, Buffer.from(`${lines.join('\n')}\n`), target)
}

async function writeBytes(path: string, bytes: Uint8Array, { files, overwrite }: Target): Promise<void> {
  await writeAtomic(path, (temporary) => writeFile(temporary, bytes), { overwrite })
  files.push(path)
}
