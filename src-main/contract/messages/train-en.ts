/** English texts of training, runs and data: engine and command line. */
export const trainEn = {
  'error.run-in-use': 'Another program is training in this run folder.',
  'remedy.run-in-use': 'Wait for it or stop it there, or train into another folder.',
  'command.train': 'Train a network on your own images or rows of numbers, into a run folder.',
  'command.runs': 'List the runs in a folder, last worked on first; by default the program’s own.',
  'command.compare': 'Show what sets runs apart: settings that differ, final figures side by side.',
  'command.reconstruct': 'Put data through a run’s network, and look at what comes out.',
  'command.evaluate': 'Measure a network: PSNR and SSIM, before and after; of a run every term of its loss.',
  'command.export': 'Write a network as an ONNX file, checked against the engine.',
  'command.archive': 'Pack a whole run into one .zip file.',
  'command.import': 'Unpack a packed run.',
  'command.recipes': 'List the recipes that `train` takes.',
  'command.recipes.show': 'Show a recipe and its network, layer by layer.',

  'argument.training-data':
    'Folders of images, an IDX file or a CSV file (.gz too); with --resume the run knows them.',
  'argument.data': 'A folder of images, an IDX file or a CSV file (.gz too).',
  'argument.run': 'A run folder.',
  'argument.runs': 'Run folders.',
  'argument.runs-folder': 'A folder of run folders.',
  'argument.archive': 'A .zip that `darkroom archive` wrote.',
  'argument.recipe': 'A recipe’s name (see `darkroom recipes`) or a JSON file.',
  'argument.evaluate-data':
    'Of a denoiser, a folder of clean images (with --reference, of noisy ones); of another run, data as for `train`.',

  'option.train.recipe':
    'A recipe’s name (see `darkroom recipes`) or a JSON file; with --resume the run knows it.',
  'option.train.set': 'Change one field of the recipe, such as encoder.latentDim=16; may be given again.',
  'option.train.out':
    'Folder of the run: weights, checkpoints, history, and all that is needed to repeat it.',
  'option.train.seed': 'Seed of all that is random.',
  'option.train.epochs':
    'Times through the training data; with --resume, more than before goes on from there.',
  'option.train.resume': 'Go on from the last checkpoint of the run.',
  'option.train.start-from': 'Weights to begin with: a model’s id, an .onnx file of ours, or a run folder.',
  'option.train.second':
    'Second takes of the same scenes, for Noise2Noise: a folder of files with the same relative names.',
  'option.labels':
    'Classes of the items: folders (the names of their folders), column:<name or number> of a CSV file, or a file with one label for each item (an empty line for none), or with the columns name and label for some of them.',
  'option.only':
    'Only items with this label; may be given again. Where nothing is said of labels, a run’s own data are taken as it took them.',
  'option.reconstruct.out':
    'A .png file for a sheet of inputs above outputs; a .csv file for rows; otherwise a folder, one file for each item.',
  'option.reconstruct.corrupt': 'Corrupt the input as the recipe does, and show that too.',
  'option.reconstruct.count': 'Items at most; on a sheet 16 where nothing is said.',
  'option.reconstruct.seed': 'Seed of the corruption.',
  'option.evaluate.split':
    'Which part of the data; by default those kept for testing where the run was trained on these data, otherwise all.',
  'option.export.out': 'The .onnx file to write.',
  'option.export.format': 'File format.',
  'option.export.part': 'Of an autoencoder: the whole, or one half.',
  'option.archive.out': 'The .zip file to write.',
  'option.import.out': 'The new run folder; by default one in the program’s own.',
  'option.recipes.input':
    'Shape of a sample, such as 28,28,1 (height, width, channels) or 140 (columns); by default what the recipe says.',

  'usage.data': 'data to train on, or --resume',
  'usage.recipe': 'a recipe, or --resume',
  'usage.labels': 'data beside the labels',
  'usage.denoiser': 'it with a denoiser',
  'usage.other-run': 'it with a run that is no denoiser',

  'progress.items': '{done}/{total} items',
  'progress.stopping-training':
    'Stopping, with a checkpoint to go on from. Press Ctrl-C again to end at once: the checkpoint before is then the last one.',

  'row.began': 'Run folder: {run}',
  'row.data':
    '{items} items ({shape}): {training} for training, {validation} for validation, {test} for testing',
  'row.noise-correlated':
    'The noise is correlated ({horizontal} along rows, {vertical} along columns): what is learnt from noisy pictures alone keeps such noise. These allow for it:',
  'row.skipped-items': '{count} left out:',
  'row.network': '{recipe}: {parameters} parameters, seed {seed}',
  'row.train': 'epoch {epoch}, step {step}: {values}',
  'row.validation': 'validation: {values}',
  'run.running': 'running',
  'run.stopped': 'stopped',
  'run.finished': 'finished',
  'run.unreadable': 'cannot be read',
  'runs.none': 'There are no runs here.',
  'runs.columns.run': 'run',
  'runs.columns.state': 'state',
  'runs.columns.recipe': 'recipe',
  'runs.columns.data': 'data',
  'runs.columns.steps': 'steps',
  'runs.columns.validation': 'last validation',
  'runs.columns.changed': 'last worked on',
  'compare.settings': 'Settings that differ:',
  'compare.no-settings': 'The settings are the same.',
  'compare.figures': 'Figures:',
  'recipe.input': 'Input: {shape}',
  'recipe.code': 'Code: {shape}',
  'recipe.input-unknown':
    'How many columns the rows have is not known: say it with --input to see the network.',
  'recipe.layers': 'Layers:',
  'recipe.parameters': '{parameters} parameters; about {memory} MiB for a training step.',
  'recipe.settings': 'Settings (for --set):',

  'result.train-done': '{steps} steps; the model is {model}.',
  'result.train-early':
    '{steps} steps, ended early: the validation no longer improved. The model is {model}.',
  'result.train-asked': '{steps} steps, ended as asked after an epoch. The model is {model}.',
  'result.train-stopped': 'Stopped. `darkroom train --out <run> --resume` goes on from its checkpoint.',
  'result.reconstruct': '{items} items put through the network. Written: {file}',
  'result.evaluate-run': '{items} items, split: {split}. {same}',
  'result.evaluate-run-same': 'The data are those that it was trained on.',
  'result.evaluate-run-other': 'The data are not those that it was trained on.',
  'result.export': 'Written: {file}',
  'result.export-checked': 'Largest difference from the engine’s own output: {difference}',
  'result.archive': 'Written: {file} ({size} MiB)',
  'result.import-run': 'Written: {run}',

  'warning.code-dead':
    'No unit of the code is in use: the network gives the same output whatever it is shown. Train again with a linear activation of the code, another seed or a lower learning rate; where there is one, with a smaller weight of the penalty.',
  'warning.gan-collapsed':
    'The generator has collapsed: its samples hardly differ from each other. Train again with a lower learning rate, smoothed labels (loss.smoothing), spectral normalisation of the discriminator or another seed.',
  'warning.discriminator-won':
    'The discriminator recognises every generated sample, so that the generator learns next to nothing from it. Train again with a smaller loss.discriminatorRate, smoothed labels (loss.smoothing) or spectral normalisation of the discriminator.',

  'split.training': 'training',
  'split.validation': 'validation',
  'split.test': 'test',
  'split.all': 'all',

  'quit.train-question': 'A network is still being trained.',
  'quit.train-detail':
    '{done} of {total} steps are done. A checkpoint is kept: the training can go on when the program is opened again.',
  'quit.train-stop': 'Stop with a Checkpoint and Quit',
} as const
