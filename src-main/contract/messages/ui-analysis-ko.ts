/** Korean texts of the Analyse view: `ui.analyse.<name>`. */
export const uiAnalysisKo = {
  'ui.view.analyse': '분석',
  'ui.shortcut.go-analyse': '분석으로 가기',
}
