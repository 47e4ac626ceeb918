import { z } from 'zod'
import { maximumListed, type DataSource } from '../../contract/dataset.ts'
import { DarkroomError, ErrorDetail, toErrorDetail } from '../../contract/errors.ts'
import type { ImageData } from '../../contract/recipe.ts'
import { readSample, readWhole } from '../storage/sample-images.ts'
import { findImages, type FoundImage } from './image-files.ts'
import { readLabelFile } from './label-file.ts'
import { labelsOf, labelSource, type Labels, type LabelSource } from './labels.ts'
import { itemsWith } from './only.ts'
import { mapAhead } from './ordered.ts'
import { createProgress } from './progress.ts'
import { cutTiles, describeTiles, isTiled } from './tiles.ts'
import { throwIfCancelled, type OpenOptions, type SampleSource } from './sample-source.ts'

/**
 * Which files were left out, by their place in the list, and why; the reasons are cut at `maximumListed`. Of tiles [height, width] of the
 * others.
 */
const Facts = z.strictObject({
  skipped: z.array(z.int()),
  reasons: z.array(ErrorDetail),
  sizes: z.array(z.array(z.int())).optional(),
})

/** Images being decoded: enough for every thread of libuv's pool, which decoders run on, while others wait for the disk. */
export const decodesAhead = 16

/**
 * Images of folders as samples of one size, or their tiles.
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
  const facts: z.infer<typeof Facts> = { skipped: [], reasons: [], ...(isTiled(spec) && { sizes: [] }) }
  const read = async (path: string): Promise<{ samples: Uint8Array[]; size: number[] | null }> => {
    if (!isTiled(spec)) return { samples: [await readSample(path, spec)], size: null }
    const image = await readWhole(path)
    return { samples: cutTiles(image, spec, path), size: [image.height, image.width] }
  }

  async function* samples(): AsyncGenerator<Uint8Array> {
    const note = createProgress(files.length, (progress) => onProgress?.(progress))
    const decoded = mapAhead(files.entries(), decodesAhead, ([index, { path }]) =>
      read(path).then(
        (read) => ({ index, path, read }),
        (error: unknown) => ({ index, path, error }),
      ),
    )
    for await (const item of decoded) {
      throwIfCancelled(signal)
      note(item.path)
      if ('read' in item) {
        if (item.read.size !== null) facts.sizes!.push(item.read.size)
        yield* item.read.samples
      } else {
        facts.skipped.push(item.index)
        if (facts.reasons.length < maximumListed) facts.reasons.push(toErrorDetail(item.error, item.path))
      }
    }
  }

  return {
    shape: [height, width, channels],
    type: 'uint8',
    key: {
      fit,
      ...(isTiled(spec) && { tiles: spec.tiles }),
      files: files.map(({ path, bytes, changedAt }) => [path, bytes, changedAt]),
    },
    keep: true,
    samples,
    facts: () => facts,
    async describe(remembered) {
      const { skipped, reasons, sizes } = Facts.parse(remembered)
      const leftOut = new Set(skipped)
      const isUsed = (_: unknown, index: number): boolean => !leftOut.has(index)
      const used = files.filter(isUsed)
      const images = {
        name: (index: number) => used[index]!.path,
        labels: await folderLabels(files, isUsed, labels, sources),
        groups: null,
        skipped: reasons,
        skippedCount: skipped.length,
      }
      return isTiled(spec) ? describeTiles(images, sizes ?? [], spec) : images
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
      return labelsOf(
        (
          await readLabelFile(labels.file, { count: files.length, name: (index) => files[index]!.path })
        ).filter(isUsed),
        labels.file,
        'labels',
      )
    default:
      return null
  }
}
