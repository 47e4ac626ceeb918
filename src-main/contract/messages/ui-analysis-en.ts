/** English texts of the Analyse view: `ui.analyse.<name>`. */
export const uiAnalysisEn = {
  'ui.view.analyse': 'Analyse',
  'ui.shortcut.go-analyse': 'Go to Analyse',
}
