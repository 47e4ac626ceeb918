/** Korean texts of detectors and classifiers: engine and command line. */
export const analysisKo = {
  'error.analysis-unreadable': '이 프로그램이 읽을 수 있는 감지기나 분류기가 아닙니다.',
  'remedy.analysis-unreadable':
    '`darkroom anomaly fit` 또는 `darkroom classify fit`이 만든 폴더를 지정하세요.',
  'error.calibration-too-small': '그런 임계값을 정하기에는 따로 떼어 둔 정상 항목이 너무 적습니다.',
  'remedy.calibration-too-small':
    '정상 항목을 더 주거나, 오경보를 더 허용하거나, 평균과 표준편차로 정하세요.',
}
