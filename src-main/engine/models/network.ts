import type { LayerSummary, ModelSpec } from '../../contract/architecture.ts'
import { buildAutoencoder } from './autoencoder.ts'
import { denoiserLayers } from './denoiser.ts'
import { buildGan } from './gan.ts'

/** What can be said of any network: its layers, and the shape of its code where it has one. @throws recipe-invalid */
export function networkOf(
  model: ModelSpec,
  input: number[],
): { layers: LayerSummary[]; code: number[] | null } {
  switch (model.type) {
    case 'denoiser':
      return { layers: denoiserLayers(model, input[0]!), code: null }
    case 'autoencoder':
      return buildAutoencoder(model, input)
    case 'gan':
      return buildGan(model, input)
  }
}
