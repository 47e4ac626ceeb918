/** English texts of detectors and classifiers: engine and command line. */
export const analysisEn = {
  'error.analysis-unreadable': 'That is not a detector or a classifier that this program can read.',
  'remedy.analysis-unreadable':
    'Give the folder that `darkroom anomaly fit` or `darkroom classify fit` wrote.',
  'error.calibration-too-small': 'There are too few held-out normal items for such a threshold.',
  'remedy.calibration-too-small':
    'Give more normal items, allow more false alarms, or set a threshold by hand (--threshold).',
  'command.anomaly': 'Find what is unlike normal data.',
  'command.anomaly.fit':
    'Learn what normal data are like, and choose a threshold on normal items kept apart.',
  'command.anomaly.score': 'Score data by a detector; with labels, compare its verdicts with them.',
  'argument.anomaly.normal-data':
    'Normal data: a folder of images, an IDX or a CSV file. With --labels and --normal others may be among them.',
  'argument.anomaly.detector': 'The folder of a detector.',
  'option.anomaly.recipe': 'Train this recipe on the normal items first: a name or a JSON file.',
  'option.anomaly.run': 'Use this run instead of training one.',
  'option.anomaly.score':
    'What an item’s score is made of: squared or absolute error, or error weighed by how normal items vary.',
  'option.anomaly.detector': 'Folder of the detector; otherwise one in the program’s own folder.',
  'option.anomaly.normal': 'A label of normal items; may be given again. All others are anomalies.',
  'option.anomaly.false-alarms':
    'Take at most this share of normal items for anomalies, such as 1% (the usual threshold, at 1%).',
  'option.anomaly.deviations': 'Threshold: mean and so many standard deviations of normal scores.',
  'option.anomaly.best-f1': 'Threshold: the best F1 on labelled items kept apart, normal and anomalous.',
  'option.anomaly.threshold': 'Threshold: this number.',
  'option.anomaly.split':
    'Part of the data that the detector was fitted on; otherwise the test part of those, and all of other data.',
  'option.anomaly.masks': 'Folder of masks, named as the images: figures of pixels, too.',
  'option.anomaly.heat': 'Folder for a picture of each image with its heat map over it.',
  'option.anomaly.out': 'A .csv or .json file of scores, verdicts and percentiles.',
  'anomaly.rule.false-alarms': 'at most {rate} false alarms to be expected',
  'anomaly.rule.deviations': 'mean and {count} standard deviations of normal scores',
  'anomaly.rule.best-f1': 'best F1 on labelled items kept apart',
  'anomaly.rule.set': 'set by hand',
  'anomaly.positive': 'counted as positive',
  'anomaly.positive.anomaly': 'anomalies (what is to be found)',
  'anomaly.positive.normal': 'normal items (as in some tutorials)',
  'result.anomaly-fit': 'Detector: {detector}',
  'result.anomaly-run': 'It has a copy of its run: {run}',
  'result.anomaly-threshold': 'Scores above {value} are anomalies: {rule}.',
  'result.anomaly-interval':
    'Of {items} normal items kept apart {rate} lie above it; of further ones between {low} and {high}, with 95 % confidence.',
  'result.anomaly-score': '{anomalies} of {items} items are anomalies.',
  'result.anomaly-no-labels':
    'There are no labels of both kinds, normal and anomalous, to compare these verdicts with.',
  'result.anomaly-counts':
    'Of {anomalous} anomalies {found} were found and {missed} missed; of {normal} normal items {falseAlarms} were taken for anomalies.',
  'result.anomaly-accuracy': 'Accuracy {accuracy}. AUROC {auroc} ({low} to {high}, 95 %).',
  'result.anomaly-pixels': 'Of all pixels together: AUROC {auroc}, average precision {precision}.',
  'command.classify': 'Tell classes apart by codes, with few labels.',
  'command.classify.fit':
    'Put a small network on a run’s encoder, and train it on the labels there are; items without one are left out.',
  'command.classify.predict': 'Predict the classes of data; with labels, compare predictions with them.',
  'argument.classify.data':
    'Data with labels for some of the items at least: a folder of images, an IDX or a CSV file. Of the run’s own data only the training part is learned from.',
  'argument.classify.classifier': 'The folder of a classifier.',
  'option.classify.labels-per-class':
    'Learn from so many labels of each class, drawn by the seed; otherwise from all.',
  'option.classify.fine-tune':
    'Afterwards train the encoder’s last layers too, so many of them (2 where no number is given), at a tenth of the rate.',
  'option.classify.self-train':
    'Learn again from its own surest predictions on training items without a label.',
  'option.classify.hidden': 'Units of the hidden layer.',
  'option.classify.seed': 'Seed of the labels that are drawn and of the training.',
  'option.classify.classifier': 'Folder of the classifier; otherwise one in the program’s own folder.',
  'option.classify.split':
    'Part of the data that the run was trained on; otherwise the test part of those, and all of other data.',
  'option.classify.mistakes':
    'A picture of the most confident mistakes, a line for each class (needs labels).',
  'option.classify.out': 'A .csv or .json file of classes and their probabilities.',
  'classify.class': 'class',
  'classify.items': 'items',
  'classify.precision': 'precision',
  'classify.recall': 'recall',
  'classify.f1': 'F1',
  'result.classify-fit': 'Classifier: {classifier}',
  'result.classify-labels': 'It tells {classes} classes apart, and learned from {labels} labels.',
  'result.classify-single':
    'Careful: of these classes there is one label alone, which says little of what else belongs to them; label more: {classes}',
  'result.classify-validation': 'On the validation part of the run’s data:',
  'result.classify-predict': '{items} items, {classes} classes.',
  'result.classify-accuracy':
    'Of {items} items with a label {accuracy} % are right ({low} to {high} %, with 95 % confidence). Macro F1 {macroF1}.',
  'result.classify-calibration': 'Expected calibration error {error}.',
  'result.classify-confusion': 'Lines: what items are. Columns: what they were taken for.',
  'result.classify-mistakes': 'The most confident mistakes, line by line of the picture:',
}
