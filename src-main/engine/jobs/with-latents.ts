import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { EngineChoice } from '../../contract/engines.ts'
import type { LatentSpec } from '../../contract/latent.ts'
import { openLatents, type Latents } from '../latent/latents.ts'
import { folderNote } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'

/** Opens what a spec names for one use. @throws as `openLatents`, and what `use` throws */
export async function withLatents<Result>(
  { spec, engine }: { spec: LatentSpec; engine: EngineChoice },
  context: JobContext,
  use: (latents: Latents) => Promise<Result>,
): Promise<Result> {
  const backend = await context.openBackend(engine)
  try {
    const latents = await openLatents(spec, { ...context, backend })
    try {
      return await use(latents)
    } finally {
      await latents.close()
    }
  } finally {
    await backend.close()
  }
}

/** Refuses before any work what would be refused after it: a file that is there, and a folder that holds an export. @throws file-exists */
export async function checkFree(files: (string | null)[], overwrite: boolean): Promise<void> {
  if (overwrite) return
  for (const file of files) {
    if (file === null) continue
    const isFolder = await stat(file).then(
      (status) => status.isDirectory(),
      () => false,
    )
    const inTheWay = isFolder ? join(file, folderNote) : file
    const isThere = await access(inTheWay).then(
      () => true,
      () => false,
    )
    if (isThere) throw new DarkroomError('file-exists', { file: inTheWay })
  }
}
