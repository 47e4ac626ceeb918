import { access } from 'node:fs/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { EngineChoice } from '../../contract/engines.ts'
import type { LatentSpec } from '../../contract/latent.ts'
import { openLatents, type Latents } from '../latent/latents.ts'
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

/** Refuses before any work what would be refused after it. @throws file-exists */
export async function checkFree(files: (string | null)[], overwrite: boolean): Promise<void> {
  if (overwrite) return
  for (const file of files) {
    if (file === null) continue
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) throw new DarkroomError('file-exists', { file })
  }
}
