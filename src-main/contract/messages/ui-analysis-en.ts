/** English texts of the Analyse view: `ui.analyse.<name>`. */
export const uiAnalysisEn = {
  'ui.view.analyse': 'Analyse',
  'ui.shortcut.go-analyse': 'Go to Analyse',

  'ui.analyse.choose': 'Put what a network has learned to use',
  'ui.analyse.choose.how':
    'Make a detector that finds what is unlike the normal, or a classifier that needs only a few labels. What you make is on the left.',
  'ui.analyse.new-detector': 'New detector…',
  'ui.analyse.new-classifier': 'New classifier…',
  'ui.analyse.detectors': 'Detectors of anomalies',
  'ui.analyse.classifiers': 'Classifiers',
  'ui.analyse.reading': 'Reading…',
  'ui.analyse.detectors.none': 'No detector yet.',
  'ui.analyse.classifiers.none': 'No classifier yet.',
  'ui.analyse.false-alarms': '{rate} false alarms',
  'ui.analyse.labels': '{count} labels',
  'ui.analyse.call-off': 'Stop making {title}',
  'ui.analyse.making.anomaly-fit': 'Making a detector',
  'ui.analyse.making.classify-fit': 'Making a classifier',
  'ui.analyse.waiting': 'Waiting for its turn',
  'ui.analyse.more': 'More for {title}',
  'ui.analyse.delete': 'Delete…',
  'ui.analyse.delete.title': 'Delete “{title}”?',
  'ui.analyse.delete.detector': 'The detector’s folder is deleted, with the copy of the run in it.',
  'ui.analyse.delete.classifier': 'The classifier’s folder is deleted, with the copy of the run in it.',
  'ui.analyse.delete.kept': 'The run itself, your data and what you exported stay.',
  'ui.analyse.delete.confirm': 'Delete',
}
