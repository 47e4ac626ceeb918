import type { Backend } from '../backend/backend.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import { readModel, type ModelFile, type ModelFolders } from '../storage/models.ts'

export interface Networks {
  /** @param file of a model that is read already. @throws model errors */
  open(model: string, file?: ModelFile): Promise<Denoiser>
}

/** The networks of a job, each opened once; they close with the backend. */
export function createNetworks(backend: Backend, folders: ModelFolders): Networks {
  const opened = new Map<string, Promise<Denoiser>>()
  return {
    open(model, file) {
      const denoiser =
        opened.get(model) ??
        Promise.resolve(file ?? readModel(model, folders)).then((read) => openDenoiser(backend, read))
      opened.set(model, denoiser)
      return denoiser
    },
  }
}
