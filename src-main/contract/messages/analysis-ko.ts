/** Korean texts of detectors and classifiers: engine and command line. */
export const analysisKo = {
  'error.analysis-unreadable': '이 프로그램이 읽을 수 있는 감지기나 분류기가 아닙니다.',
  'remedy.analysis-unreadable':
    '`darkroom anomaly fit` 또는 `darkroom classify fit`이 만든 폴더를 지정하세요.',
  'error.calibration-too-small': '그런 임계값을 정하기에는 따로 떼어 둔 정상 항목이 너무 적습니다.',
  'remedy.calibration-too-small':
    '정상 항목을 더 주거나, 오경보를 더 허용하거나, 임계값을 직접 정하세요(--threshold).',
  'command.anomaly': '정상 데이터와 다른 것을 찾습니다.',
  'command.anomaly.fit': '정상 데이터가 어떤지 배우고, 따로 떼어 둔 정상 항목으로 임계값을 정합니다.',
  'command.anomaly.score': '감지기로 데이터에 점수를 매깁니다. 레이블이 있으면 판정을 그것과 비교합니다.',
  'argument.anomaly.normal-data':
    '정상 데이터: 이미지 폴더, IDX 파일 또는 CSV 파일. --labels와 --normal을 주면 다른 항목이 섞여 있어도 됩니다.',
  'argument.anomaly.detector': '감지기 폴더.',
  'option.anomaly.recipe': '먼저 정상 항목으로 학습할 레시피. 이름 또는 JSON 파일.',
  'option.anomaly.run': '새로 학습하지 않고 이 학습을 씁니다.',
  'option.anomaly.score':
    '항목의 점수를 매기는 방법: 제곱 오차, 절대 오차, 또는 정상 항목의 변동으로 나눈 오차.',
  'option.anomaly.detector': '감지기를 저장할 폴더. 없으면 프로그램 폴더 안에 만듭니다.',
  'option.anomaly.normal': '정상 항목의 레이블. 여러 번 쓸 수 있습니다. 나머지는 모두 이상입니다.',
  'option.anomaly.false-alarms':
    '정상 항목 중 이 비율까지만 이상으로 판정합니다. 예: 1%(다른 말이 없으면 이 방법, 1%).',
  'option.anomaly.deviations': '임계값: 정상 점수의 평균에 표준편차의 이 배수를 더한 값.',
  'option.anomaly.best-f1': '임계값: 따로 떼어 둔, 레이블이 있는 정상·이상 항목에서 F1이 가장 좋은 값.',
  'option.anomaly.threshold': '임계값: 이 수.',
  'option.anomaly.split':
    '감지기를 만든 데이터의 어느 부분. 없으면 그 데이터에서는 시험 부분, 다른 데이터에서는 전부.',
  'option.anomaly.masks': '이미지와 이름이 같은 마스크 폴더. 픽셀 단위 수치도 냅니다.',
  'option.anomaly.heat': '이미지마다 열지도를 겹친 그림을 저장할 폴더.',
  'option.anomaly.out': '점수, 판정, 백분위를 적을 .csv 또는 .json 파일.',
  'anomaly.rule.false-alarms': '예상 오경보 {rate} 이하',
  'anomaly.rule.deviations': '정상 점수의 평균 + 표준편차 {count}배',
  'anomaly.rule.best-f1': '따로 떼어 둔, 레이블이 있는 항목에서 F1이 가장 좋은 값',
  'anomaly.rule.set': '직접 정한 값',
  'anomaly.positive': '양성으로 센 것',
  'anomaly.positive.anomaly': '이상 항목(찾으려는 것)',
  'anomaly.positive.normal': '정상 항목(일부 튜토리얼의 방식)',
  'result.anomaly-fit': '감지기: {detector}',
  'result.anomaly-run': '학습의 사본이 들어 있습니다: {run}',
  'result.anomaly-threshold': '점수가 {value}보다 크면 이상입니다: {rule}.',
  'result.anomaly-interval':
    '따로 떼어 둔 정상 항목 {items}개 중 {rate}가 이보다 큽니다. 다른 정상 항목에서는 95 % 신뢰도로 {low}에서 {high} 사이입니다.',
  'result.anomaly-score': '항목 {items}개 중 {anomalies}개가 이상입니다.',
  'result.anomaly-no-labels': '이 판정을 비교해 볼 정상·이상 양쪽의 레이블이 없습니다.',
  'result.anomaly-counts':
    '이상 {anomalous}개 중 {found}개를 찾고 {missed}개를 놓쳤습니다. 정상 {normal}개 중 {falseAlarms}개를 이상으로 판정했습니다.',
  'result.anomaly-accuracy': '정확도 {accuracy}. AUROC {auroc} (95 % 신뢰 구간 {low}–{high}).',
  'result.anomaly-pixels': '모든 픽셀을 함께 보면: AUROC {auroc}, 평균 정밀도 {precision}.',
  'command.classify': '적은 레이블로, 코드를 보고 클래스를 구분합니다.',
  'command.classify.fit':
    '학습 기록의 인코더 위에 작은 신경망을 얹어 있는 레이블로 학습합니다. 레이블이 없는 항목은 빠집니다.',
  'command.classify.predict': '데이터의 클래스를 예측하고, 레이블이 있으면 예측과 비교합니다.',
  'argument.classify.data':
    '적어도 일부 항목에 레이블이 있는 데이터: 이미지 폴더, IDX 또는 CSV 파일. 학습 기록 자신의 데이터라면 학습용 부분만 배웁니다.',
  'argument.classify.classifier': '분류기 폴더.',
  'option.classify.labels-per-class':
    '클래스마다 시드로 뽑은 이만큼의 레이블만 배웁니다. 없으면 모두 배웁니다.',
  'option.classify.fine-tune':
    '그다음 인코더의 마지막 층도 이 수만큼(수가 없으면 2개) 10분의 1 학습률로 학습합니다.',
  'option.classify.self-train': '레이블이 없는 학습용 항목에 대한 가장 확실한 예측에서 다시 배웁니다.',
  'option.classify.hidden': '은닉층의 유닛 수.',
  'option.classify.seed': '뽑을 레이블과 학습의 시드.',
  'option.classify.classifier': '분류기 폴더. 없으면 프로그램 폴더 안에 만듭니다.',
  'option.classify.split':
    '학습 기록이 배운 데이터의 어느 부분인지. 없으면 그 데이터는 테스트 부분, 다른 데이터는 전부입니다.',
  'option.classify.mistakes': '가장 확신한 오답을 클래스별로 한 줄씩 담은 그림(레이블 필요).',
  'option.classify.out': '클래스와 확률을 담을 .csv 또는 .json 파일.',
  'classify.class': '클래스',
  'classify.items': '항목',
  'classify.precision': '정밀도',
  'classify.recall': '재현율',
  'classify.f1': 'F1',
  'result.classify-fit': '분류기: {classifier}',
  'result.classify-labels': '클래스 {classes}개를 구분하며, 레이블 {labels}개로 배웠습니다.',
  'result.classify-single':
    '주의: 다음 클래스는 레이블이 하나뿐이라 무엇이 더 속하는지 알기 어렵습니다. 레이블을 더 주세요: {classes}',
  'result.classify-validation': '학습 기록 데이터의 검증 부분에서:',
  'result.classify-predict': '항목 {items}개, 클래스 {classes}개.',
  'result.classify-accuracy':
    '레이블이 있는 항목 {items}개 가운데 {accuracy} %가 맞습니다(95 % 신뢰 구간 {low}~{high} %). 매크로 F1 {macroF1}.',
  'result.classify-calibration': '기대 보정 오차 {error}.',
  'result.classify-confusion': '행: 실제 클래스. 열: 예측한 클래스.',
  'result.classify-mistakes': '가장 확신한 오답, 그림의 줄 순서대로:',
}
