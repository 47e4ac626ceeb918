import type { EngineChoice } from '../../contract/engines.ts'
import type { Backend } from '../backend/backend.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import type { JobContext } from '../jobs/context.ts'
import { readModel } from '../storage/models.ts'

/** Milliseconds at rest after which the memory of the networks is given back. */
const restDelay = 10_000

export interface Networks {
  /** Opens a network, or gives the one that is open. @throws engine-unavailable and model errors. */
  use(model: string): Promise<Denoiser>
  /** Nothing is to be done for now: everything is closed some seconds later, unless a network is used again. */
  rest(): void
  close(): Promise<void>
}

/** The networks of a queue, each opened once while the queue works. */
export function createNetworks(
  context: Pick<JobContext, 'openBackend' | 'onError' | 'assets' | 'home'>,
  engine: EngineChoice,
): Networks {
  let backend: Promise<Backend> | null = null
  const denoisers = new Map<string, Promise<Denoiser>>()
  let timer: NodeJS.Timeout | undefined
  let closing = Promise.resolve()

  async function open(model: string): Promise<Denoiser> {
    const file = await readModel(model, context)
    await closing
    backend ??= context.openBackend(engine).catch((thrown: unknown) => {
      backend = null
      throw thrown
    })
    return openDenoiser(await backend, file)
  }

  function close(): Promise<void> {
    clearTimeout(timer)
    denoisers.clear()
    const opened = backend
    backend = null
    closing = closing.then(async () => (await opened)?.close()).catch(context.onError)
    return closing
  }

  return {
    use(model) {
      clearTimeout(timer)
      const known = denoisers.get(model)
      if (known !== undefined) return known
      const opening = open(model)
      denoisers.set(model, opening)
      opening.catch(() => {
        // The next picture may try again: the person may have put the model, or the engine, right.
        denoisers.delete(model)
        if (denoisers.size === 0) void close()
      })
      return opening
    },
    rest() {
      clearTimeout(timer)
      timer = setTimeout(() => void close(), restDelay).unref()
    },
    close,
  }
}
