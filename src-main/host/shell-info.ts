import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:os'
import { z } from 'zod'
import type { ShellInfo } from '../contract/shell.ts'

const Manifest = z.object({ version: z.string() })
const samplePicture = /\.(jpe?g|png|tiff?|webp|avif)$/i

/**
 * What the page is told of the program around it.
 * @param root the product's folder: package.json, `assets/samples`, THIRD-PARTY-NOTICES.md.
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
    notices: await readFile(join(root, 'THIRD-PARTY-NOTICES.md'), 'utf8').catch(() => ''),
  }
}
