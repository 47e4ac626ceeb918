import type { Backend } from '../backend/backend.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import type { ModelFile } from '../storage/models.ts'
import { createCache } from './cache.ts'
import { fileVersion } from './pictures.ts'

/** Networks kept open: the one that is looked through, and the one it is compared with. */
const mostOpen = 2

export interface Networks {
  /** Names the content of a model's file: another one once it was trained further. */
  version(model: string): Promise<string>
  /**
   * Works with an open network, one work at a time: each takes all cores.
   * @throws model errors.
   */
  use<T>(model: string, work: (denoiser: Denoiser) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface NetworkSource {
  openBackend: () => Promise<Backend>
  readModel: (choice: string) => Promise<ModelFile>
}

interface Network {
  denoiser: Denoiser
  file: string
  version: string
}

export function createNetworks({ openBackend, readModel }: NetworkSource): Networks {
  let backend: Promise<Backend> | null = null
  let lastWork: Promise<unknown> = Promise.resolve()
  /** Files of the models that were opened once. */
  const files = new Map<string, string>()
  const open = createCache<Network>({
    limit: mostOpen,
    weigh: () => 1,
    isCurrent: async ({ file, version }) => (await fileVersion(file)) === version,
    drop: ({ denoiser }) => denoiser.dispose(),
  })

  async function openNetwork(model: string): Promise<Network> {
    const read = await readModel(model)
    files.set(model, read.file)
    const version = (await fileVersion(read.file)) ?? ''
    backend ??= openBackend()
    // An engine that could not be opened may open the next time.
    backend.catch(() => (backend = null))
    return { denoiser: await openDenoiser(await backend, read), file: read.file, version }
  }
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = lastWork.then(work, work)
    lastWork = done.catch(() => null)
    return done
  }
  const use: Networks['use'] = (model, work) =>
    inTurn(async () => work((await open.get(model, () => openNetwork(model))).denoiser))

  return {
    use,
    async version(model) {
      if (!files.has(model)) await use(model, () => Promise.resolve())
      const file = files.get(model)!
      return `${file}:${(await fileVersion(file)) ?? ''}`
    },
    close: () =>
      inTurn(async () => {
        await open.clear()
        await (await backend)?.close()
        backend = null
      }),
  }
}
