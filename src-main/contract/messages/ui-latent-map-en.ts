/** English texts of the Latent view's map, and of the view as a whole: `ui.latent.<name>`. */
export const uiLatentMapEn = {
  'ui.view.latent': 'Latent',
} as const
