import type { Backend } from '../backend/backend.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import type { ImagePage } from '../storage/image.ts'
import type { ModelFile } from '../storage/models.ts'
import { createCache } from './cache.ts'
import { fileVersion } from './pictures.ts'

/** Networks kept open: the one that is looked through, and the one it is compared with. */
const mostOpen = 2
/** Networks that learnt from a page, kept with the memory of their last run: two levels of the picture that is looked at. */
const mostLearnt = 2

export interface Networks {
  /** Names the content of a model's file: another one once it was trained further. */
  version(model: string): Promise<string>
  /**
   * Works with an open network, one work at a time: each takes all cores. One that learns from the page that it cleans is trained
   * when the page is first asked for.
   * @throws model errors, image-too-small.
   */
  use<T>(model: string, work: (denoiser: Denoiser) => Promise<T>, page?: LearntPage): Promise<T>
  close(): Promise<void>
}

/** What a network may have to learn from. */
export interface LearntPage {
  /** Names the page, its content and its size. */
  key: string
  samples(): Promise<ImagePage>
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
    isCurrent: async ({ file, version }) => ((await fileVersion(file)) ?? '') === version,
    drop: ({ denoiser }) => denoiser.dispose(),
  })

  const learnt = createCache<Denoiser>({
    limit: mostLearnt,
    weigh: () => 1,
    drop: (denoiser) => denoiser.dispose(),
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
  const use: Networks['use'] = (model, work, page) =>
    inTurn(async () => {
      const { denoiser } = await open.get(model, () => openNetwork(model))
      const { learn } = denoiser
      if (learn === undefined || page === undefined) return work(denoiser)
      return work(await learnt.get(page.key, async () => learn(await page.samples(), {})))
    })

  return {
    use,
    async version(model) {
      if (!files.has(model)) await use(model, () => Promise.resolve())
      const file = files.get(model)!
      return `${file}:${(await fileVersion(file)) ?? ''}`
    },
    close: () =>
      inTurn(async () => {
        await Promise.all([open.clear(), learnt.clear()])
        await (await backend)?.close()
        backend = null
      }),
  }
}
