/** English texts of codes and what is done with them: engine and command line. */
export const latentEn = {
  'error.export-unreadable': 'This file does not say how it was made.',
  'remedy.export-unreadable':
    'Give a file that Latent Darkroom exported, with the .json beside it where there is one, or a saved view.',
  'error.latents-unreadable': 'This table of codes cannot be read.',
  'remedy.latents-unreadable':
    'Give a CSV, NPY or Parquet file with one code a row and a number in every place.',
  'error.latents-unsuitable': 'These codes cannot be used for this.',
  'remedy.latents-unsuitable': 'Use what the line above asks for.',
  'error.model-without-codes': 'This run’s network has no codes.',
  'remedy.model-without-codes': 'Take a run of an autoencoder, a variational autoencoder or a GAN.',
  'error.model-without-encoder': 'This run’s network cannot turn pictures into codes: a GAN has no encoder.',
  'remedy.model-without-encoder': 'Start from seeds or codes, or take a run of an autoencoder.',
  'warning.no-arc':
    'Between some codes there is no arc: they point the same way or opposite ways, or one is zero. Those ways are straight.',
  'warning.no-prior':
    'This autoencoder was not trained towards a prior: where N(0, 1) lies its decoder has seen nothing. Draw from a mixture of its codes instead.',
  'warning.samples-few': 'Fewer pictures than asked for: the model makes no more that differ so much.',
  'warning.samples-same':
    'All pictures are the same: the decoder does not look at the code. The model has collapsed.',
} as const
