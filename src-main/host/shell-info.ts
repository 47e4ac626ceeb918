import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:os'
import { z } from 'zod'
import type { DataSource } from '../contract/dataset.ts'
import type { ShellInfo } from '../contract/shell.ts'

const Manifest = z.object({ version: z.string() })
const samplePicture = /\.(jpe?g|png|tiff?|webp|avif)$/i

/**
 * What the page is told of the program around it.
 * @param root the product's folder: package.json, `assets/samples`, `assets/data`, THIRD-PARTY-NOTICES.md.
 */
export async function shellInfo(
  root: string,
  about: Pick<ShellInfo, 'kind' | 'systemLanguage' | 'home' | 'roots'>,
): Promise<ShellInfo> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  const samples = join(root, 'assets', 'samples')
  const names = await readdir(samples).catch(() => [])
  return {
    ...about,
    version: manifest.version,
    platform: platform(),
    samples: names
      .filter((name) => samplePicture.test(name))
      .sort()
      .map((name) => join(samples, name)),
    sampleData: await sampleData(join(root, 'assets', 'data', 'fashion-mnist')),
    notices: await readFile(join(root, 'THIRD-PARTY-NOTICES.md'), 'utf8').catch(() => ''),
  }
}

/** An IDX file of images and the one of their labels. */
async function sampleData(folder: string): Promise<DataSource | null> {
  const names = await readdir(folder).catch(() => [])
  const [images, labels] = ['images', 'labels'].map((part) => names.find((name) => name.includes(part)))
  if (images === undefined || labels === undefined) return null
  return { sources: [join(folder, images)], labels: join(folder, labels) }
}

/** The files that a page may use without a person's word: they came with the product. */
export const shippedFiles = ({
  samples,
  sampleData,
}: Pick<ShellInfo, 'samples' | 'sampleData'>): string[] => [
  ...samples,
  ...(sampleData?.sources ?? []),
  ...(sampleData?.labels ? [sampleData.labels] : []),
]
