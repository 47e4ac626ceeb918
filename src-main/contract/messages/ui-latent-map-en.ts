/** English texts of the Latent view's map, and of the view as a whole: `ui.latent.<name>`. */
export const uiLatentMapEn = {
  'ui.view.latent': 'Latent',
  'ui.shortcut.go-latent': 'Go to Latent',
  'ui.latent.choose': 'Look into what a network has learned',
  'ui.latent.choose.how':
    'Choose a run on the left: an autoencoder, a VAE or a GAN. You then see where it puts each picture, walk between them, make new ones, and take out what you find.',
  'ui.latent.runs.none': 'There is no run of an autoencoder or a GAN yet.',
  'ui.latent.runs.train': 'Train one',
  'ui.latent.training': 'Its training',
  'ui.latent.explore-codes': 'Explore its codes',
  'ui.latent.reading': 'Opening the network…',
  'ui.latent.kind.autoencoder': 'Autoencoder',
  'ui.latent.kind.variational': 'Variational autoencoder',
  'ui.latent.kind.gan': 'GAN',
  'ui.latent.code': 'Code: {shape}',
  'ui.latent.items': 'Trained on {count} items',
  'ui.latent.tabs': 'What to do with the codes',
  'ui.latent.tab.map': 'Map',
  'ui.latent.tab.explore': 'Explore',
  'ui.latent.tab.interpolate': 'Interpolate',
  'ui.latent.tab.samples': 'Samples',
  'ui.latent.tab.arithmetic': 'Arithmetic',
} as const
