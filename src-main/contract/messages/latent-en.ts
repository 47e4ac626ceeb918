/** English texts of codes and what is done with them: engine and command line. */
export const latentEn = {
  'argument.latents': 'A CSV, NPY or Parquet file of codes, as `darkroom encode` writes them.',
  'command.decode': 'Turn codes back into pictures, or rows.',
  'command.encode': 'Write the codes of data as a table.',
  'option.decode.columns': 'Pictures on a line of the sheet; by default about a square of them.',
  'option.decode.out': 'A .png file for a sheet, or a folder for a file of each; of rows a .csv file.',
  'option.encode.out': 'A .csv, .npy or .parquet file. How it was made is written beside it.',
  'option.encode.split': 'Encode only a part of the data, as the run split them.',
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
  'command.interpolate': 'Pictures on the way from one picture to the next, in a run’s codes.',
  'command.traverse': 'Move along one direction of a run’s codes at a time, the most active first.',
  'command.sample': 'Draw codes, from the prior or a mixture, and make pictures of them.',
  'command.arithmetic': 'Add to a picture’s code what sets one group of pictures apart from another.',
  'command.repeat': 'Do again what an export says it was made by.',
  'argument.anchors':
    'Two or more: picture files, items of data (images.idx.gz#12), draws from the prior (seed:7).',
  'argument.export': 'A file or folder that Latent Darkroom exported.',
  'option.pictures.out': 'A .png file: a sheet. Otherwise a folder of pictures.',
  'option.interpolate.out':
    'A .png file: a strip. .gif, .webp: an animation. Otherwise a folder of pictures.',
  'option.interpolate.seeds': 'Draws from the prior to go between; of a GAN there are no others.',
  'option.interpolate.steps': 'Pictures from one to the next, both counted.',
  'option.interpolate.mode': 'Straight lines, or arcs around the mean of the prior.',
  'option.interpolate.loop': 'Go on from the last back to the first.',
  'option.interpolate.blend': 'Show the blend of the pixels, too.',
  'option.interpolate.rate': 'Pictures a second of an animation.',
  'option.traverse.from': 'The picture (or item, or seed) to start from; otherwise the mean of the codes.',
  'option.traverse.data': 'Data whose codes tell how far to go; otherwise what the run was trained on.',
  'option.traverse.along':
    'Dimensions of the code, or its principal components; of a GAN those of its first layer.',
  'option.traverse.top': 'So many directions.',
  'option.traverse.range': 'Standard deviations to either side.',
  'option.traverse.steps': 'Pictures of each direction.',
  'option.traverse.seed': 'Seed of which items are looked at, where there are many.',
  'option.sample.count': 'Pictures.',
  'option.sample.seed': 'Seed of the draws.',
  'option.sample.temperature': 'Scales the deviation of each draw from its mean.',
  'option.sample.mixture':
    'Draw from a Gaussian mixture of the codes, of K components or as many as the data ask for.',
  'option.sample.per-class': 'One mixture for each class, in turn.',
  'option.sample.label': 'Draw of this class only.',
  'option.sample.data': 'Data that the mixture is fitted to; otherwise what the run was trained on.',
  'option.sample.unique':
    'Leave out pictures that are nearer to one before than this (root mean square of pixels).',
  'option.sample.columns': 'Pictures on a line of a sheet.',
  'option.arithmetic.plus':
    'Data, or some of their items (images.idx.gz#3,7,20-29), whose mean code is added.',
  'option.arithmetic.minus': 'Data, or some of their items, whose mean code is taken away.',
  'option.arithmetic.to': 'The picture (or item, or seed) that it is done to.',
  'option.arithmetic.strengths':
    'How much of the difference is added, one picture each (0,0.5,1,1.5 where nothing is said).',
  'option.repeat.out': 'Where the result goes.',
  'option.repeat.run': 'The run, where it is no longer where it was.',
  'usage.two-anchors': 'two or more pictures, items or seeds',
  'usage.numbers': 'numbers with commas between them',
  'usage.export': 'an export; this is a saved view',
  'repeat.changed': 'The run “{title}” has been trained further since: the result will be another one.',
  'result.latent': '{items} made. Written: {file}',
  'result.save-view': 'View saved: {file}',
} as const
