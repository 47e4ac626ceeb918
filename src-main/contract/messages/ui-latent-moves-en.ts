/** English texts of what is made in the Latent view: walks, interpolations, samples, arithmetic. */
export const uiLatentMovesEn = {
  'ui.shortcuts.latent': 'Latent',
  'ui.shortcut.undo': 'Undo',
  'ui.shortcut.redo': 'Redo',
  'ui.shortcut.randomise': 'A random code',
  'ui.shortcut.play': 'Play or stop the path',

  'ui.latent.save.format': 'Format',
  'ui.latent.save.path': 'Path',
  'ui.latent.save.choose-path': 'Choose where…',
  'ui.latent.save.write': 'Write',
  'ui.latent.save.writing': 'Writing…',
  'ui.latent.save.written': 'Written: {name}',
  'ui.latent.save.download': 'Download',

  'ui.latent.interpolate': 'Interpolate',
} as const
