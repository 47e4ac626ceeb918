/** Korean texts of the Analyse view: `ui.analyse.<name>`. */
export const uiAnalysisKo = {
  'ui.view.analyse': '분석',
  'ui.shortcut.go-analyse': '분석 화면으로 이동',

  'ui.analyse.choose': '학습한 네트워크 활용하기',
  'ui.analyse.choose.how':
    '정상과 다른 것을 찾는 감지기나, 레이블이 조금만 있어도 되는 분류기를 만드세요. 만든 것은 왼쪽에 나타납니다.',
  'ui.analyse.new-detector': '새 감지기…',
  'ui.analyse.new-classifier': '새 분류기…',
  'ui.analyse.detectors': '이상 감지기',
  'ui.analyse.classifiers': '분류기',
  'ui.analyse.reading': '읽는 중…',
  'ui.analyse.detectors.none': '아직 감지기가 없습니다.',
  'ui.analyse.classifiers.none': '아직 분류기가 없습니다.',
  'ui.analyse.false-alarms': '오경보 {rate}',
  'ui.analyse.labels': '레이블 {count}개',
  'ui.analyse.call-off': '{title} 그만두기',
  'ui.analyse.making.anomaly-fit': '감지기 만드는 중',
  'ui.analyse.making.classify-fit': '분류기 만드는 중',
  'ui.analyse.waiting': '차례를 기다리는 중',
  'ui.analyse.more': '{title}: 더 보기',
  'ui.analyse.delete': '삭제…',
  'ui.analyse.delete.title': '‘{title}’을(를) 삭제할까요?',
  'ui.analyse.delete.detector': '감지기 폴더와 그 안의 학습 기록 사본이 삭제됩니다.',
  'ui.analyse.delete.classifier': '분류기 폴더와 그 안의 학습 기록 사본이 삭제됩니다.',
  'ui.analyse.delete.kept': '원래 학습 기록과 데이터, 내보낸 파일은 그대로 남습니다.',
  'ui.analyse.delete.confirm': '삭제',
}
