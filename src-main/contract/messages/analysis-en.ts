/** English texts of detectors and classifiers: engine and command line. */
export const analysisEn = {
  'error.analysis-unreadable': 'That is not a detector or a classifier that this program can read.',
  'remedy.analysis-unreadable':
    'Give the folder that `darkroom anomaly fit` or `darkroom classify fit` wrote.',
  'error.calibration-too-small': 'There are too few held-out normal items for such a threshold.',
  'remedy.calibration-too-small':
    'Give more normal items, allow more false alarms, or take the mean and standard deviations.',
}
