import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DenoiserSpec } from '../../src-main/contract/architecture.ts'
import { exportDenoiser, initDenoiser } from '../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'

/** A denoiser that is too small to be any good, for tests of what is around it. Its weights are random. */
export async function writeTinyModel(file: string): Promise<void> {
  const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [4, 4], blocks: [1, 1] })
  const model = exportDenoiser(spec, initDenoiser(spec, createRandom(7)), { recipe: 'tiny' }, '0.0.0')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, model)
}
