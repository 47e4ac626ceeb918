/** English texts of what is made in the Latent view: walks, interpolations, samples, arithmetic. */
export const uiLatentMovesEn = {
  'ui.latent.interpolate': 'Interpolate',
} as const
