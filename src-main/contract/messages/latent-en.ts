/** English texts of codes and what is done with them: engine and command line. */
export const latentEn = {
  'option.evaluate.generation':
    'Measure what a VAE or GAN draws from its prior, against items that were kept out of the training; of a GAN always.',
  'result.generation-classifier':
    '{count} draws against as many held-out items, by the features of a small classifier that was trained on the training split (it knows {accuracy} % of the held-out items).',
  'result.generation-components':
    '{count} draws against as many held-out items, by the principal components of the training items’ values and what those leave out: the data have no labels for a classifier.',
  'result.generation-note':
    'Fréchet distance (0 is best; frechet-real: of training items), precision and recall (1 is best), memorised (0.01 or less where nothing is), nearest (1 as held-out items). The features are not Inception’s: this distance cannot be compared with published FIDs, only with runs on the same data.',
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
  'argument.anchor': 'A picture file, an item of data (images.idx.gz#12), or a draw from the prior (seed:7).',
  'argument.latent-data': 'Data as for training; otherwise what the run was trained on.',
  'command.cluster': 'Find clusters among the codes of data.',
  'command.map': 'Lay data out in the plane by their codes, and say how far to believe it.',
  'command.neighbours': 'The items whose codes are nearest to that of a picture.',
  'option.cluster.count':
    'Clusters; without it the number with the best silhouette, or by the Bayesian information criterion.',
  'option.cluster.method': 'How clusters are found.',
  'option.cluster.out': 'A CSV file of items and clusters.',
  'option.cluster.smallest': 'Of hdbscan: items of the smallest cluster.',
  'option.latent.limit': 'Items at most, drawn by the seed.',
  'option.latent.seed': 'Seed of everything that is drawn.',
  'option.latent.split': 'Only a part of the data, as the run split them.',
  'option.map.attributes':
    'A CSV with a header, whose first column names items: its other columns are added.',
  'option.map.method':
    'Principal components of the codes, UMAP, two numbers of the code, or components of the pixels.',
  'option.map.min-distance': 'Of umap: how near items may come to each other.',
  'option.map.neighbours': 'Of umap: how many near items hold an item in place.',
  'option.map.out': 'A CSV file of the points.',
  'option.map.png': 'A picture of the map, coloured by labels where there are any.',
  'option.map.x': 'Of pca and raw: what goes to the right, from 0.',
  'option.map.y': 'Of pca and raw: what goes up, from 0.',
  'option.neighbours.count': 'Neighbours.',
  'option.neighbours.out': 'A .png file: the picture, and below it its neighbours.',
  'result.cluster': '{items} items in {clusters} clusters, {noise} in none. Sizes: {sizes}',
  'result.cluster-none':
    '{items} items, and no clusters: nowhere do they lie so close together. Try a smaller --smallest, or --method kmeans.',
  'result.cluster-agreement': 'Agreement with the labels: NMI {nmi}, ARI {ari}',
  'result.cluster-silhouette': 'Silhouette {silhouette}, measured on {measured} items',
  'result.map': '{items} items, codes of {size} numbers',
  'result.map-collapsed':
    '{collapsed} of {size} numbers of the code say nothing: they hardly differ from item to item.',
  'result.map-explained': 'Share of the variance that components explain: {shares}',
  'result.map-trust':
    'Trustworthiness {trustworthiness}, continuity {continuity} ({neighbours} neighbours, measured on {measured} items)',
  'result.written': 'Written: {file}',
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
  'option.traverse.from':
    'The picture (or item, or seed) to start from; otherwise the mean of the codes, of a GAN the first draw of the seed.',
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
