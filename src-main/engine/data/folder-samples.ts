import { z } from 'zod'
import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError, ErrorDetail, toErrorDetail } from '../../contract/errors.ts'
import type { ImageData } from '../../contract/recipe.ts'
import { readSample } from '../storage/sample-images.ts'
import { findImages, type FoundImage } from './image-files.ts'
import { labelsOf, labelSource, readLabelFile, type Labels, type LabelSource } from './labels.ts'
import { itemsWith } from './only.ts'
import { mapAhead } from './ordered.ts'
import { createProgress } from './progress.ts'
import { throwIfCancelled, type OpenOptions, type SampleSource } from './sample-source.ts'

/** Which files were left out, by their place in the list, and why; the reasons are cut at `maximumListed`. */
const Facts = z.strictObject({ skipped: z.array(z.int()), reasons: z.array(ErrorDetail) })

/** Images being decoded: enough for every thread of libuv's pool, which decoders run on, while others wait for the disk. */
export const decodesAhead = 16

/**
 * Images of folders as samples of one size.
 * @throws training-data-missing where there is no image file, file-not-found, folder-unreadable
 */
export async function openFolderSamples(
  sources: string[],
  labels: LabelSource,
  spec: ImageData,
  { signal, onProgress }: OpenOptions,
): Promise<SampleSource> {
  const { files, ignoredCount } = await findImages(sources, signal)
  if (files.length === 0)
    throw new DarkroomError('training-data-missing', {
      file: sources.join(', '),
      expected: 'image files',
      received: ignoredCount > 0 ? `${ignoredCount} files of other kinds` : 'no file',
    })
  const { width, height, channels, fit } = spec
  const facts: z.infer<typeof Facts> = { skipped: [], reasons: [] }

  async function* samples(): AsyncGenerator<Uint8Array> {
    const note = createProgress(files.length, (progress) => onProgress?.(progress))
    const decoded = mapAhead(files.entries(), decodesAhead, ([index, { path }]) =>
      readSample(path, spec).then(
        (sample) => ({ index, path, sample }),
        (error: unknown) => ({ index, path, error }),
      ),
    )
    for await (const item of decoded) {
      throwIfCancelled(signal)
      note(item.path)
      if ('sample' in item) yield item.sample
      else {
        facts.skipped.push(item.index)
        if (facts.reasons.length < maximumListed) facts.reasons.push(toErrorDetail(item.error, item.path))
      }
    }
  }

  return {
    shape: [height, width, channels],
    type: 'uint8',
    key: { fit, files: files.map(({ path, bytes, changedAt }) => [path, bytes, changedAt]) },
    keep: true,
    samples,
    facts: () => facts,
    async describe(remembered) {
      const { skipped, reasons } = Facts.parse(remembered)
      const leftOut = new Set(skipped)
      const isUsed = (_: unknown, index: number): boolean => !leftOut.has(index)
      const used = files.filter(isUsed)
      return {
        name: (index) => used[index]!.path,
        labels: await folderLabels(files, isUsed, labels, sources),
        groups: null,
        skipped: reasons,
        skippedCount: skipped.length,
      }
    },
  }
}

/**
 * Images of folders with their classes, whether or not they can be read; those alone that `only` keeps.
 * @throws labels-unusable, argument-invalid
 */
export async function keptImages(
  files: FoundImage[],
  { sources, labels: from, only }: DataSource,
): Promise<{ files: FoundImage[]; labels: Labels | null }> {
  const labels = await folderLabels(
    files,
    () => true,
    labelSource({ sources, labels: from }, 'folder'),
    sources,
  )
  if (only === undefined) return { files, labels }
  const kept = itemsWith(labels, only)
  const names = Array.from(kept, (index) => labels!.names[labels!.of[index]!]!)
  return { files: Array.from(kept, (index) => files[index]!), labels: labelsOf(names, '', '') }
}

/** Classes of the images that are used. A file of labels has one for each image file, used or not. */
export async function folderLabels(
  files: FoundImage[],
  isUsed: (file: unknown, index: number) => boolean,
  labels: LabelSource,
  sources: string[],
): Promise<Labels | null> {
  switch (labels.from) {
    case 'folders':
      return labelsOf(
        files.filter(isUsed).map(({ folder }) => folder),
        sources.join(', '),
        'images in folders that are called like their class',
      )
    case 'file':
      return labelsOf((await readLabelFile(labels.file, files.length)).filter(isUsed), labels.file, 'labels')
    default:
      return null
  }
}
