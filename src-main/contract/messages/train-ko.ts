import type { trainEn } from './train-en.ts'

/** Korean texts of training, runs and data: engine and command line. */
export const trainKo = {
  'error.run-in-use': '다른 프로그램이 이 학습 폴더에서 학습하고 있습니다.',
  'remedy.run-in-use': '끝나기를 기다리거나 그 프로그램에서 멈추세요. 다른 폴더에 학습해도 됩니다.',

  'command.train': '가지고 있는 이미지나 숫자 표로 네트워크를 학습시켜 학습 폴더에 저장합니다.',
  'command.runs': '폴더에 있는 학습을 최근 것부터 나열합니다. 폴더를 주지 않으면 프로그램의 폴더를 봅니다.',
  'command.compare': '학습들의 차이를 보여 줍니다. 서로 다른 설정과 최종 수치를 나란히 놓습니다.',
  'command.reconstruct': '데이터를 학습한 네트워크에 통과시켜 무엇이 나오는지 봅니다.',
  'command.evaluate':
    '네트워크를 측정합니다. 처리 전후의 PSNR과 SSIM을, 학습 폴더라면 손실의 모든 항을 냅니다.',
  'command.export': '네트워크를 ONNX 파일로 저장하고 엔진의 결과와 대조합니다.',
  'command.archive': '학습 폴더 전체를 .zip 파일 하나로 묶습니다.',
  'command.import': '묶어 둔 학습을 풉니다.',
  'command.recipes': '`train`에 쓸 수 있는 레시피를 나열합니다.',
  'command.recipes.show': '레시피와 그 네트워크를 층별로 보여 줍니다.',

  'argument.training-data':
    '이미지 폴더, IDX 파일 또는 CSV 파일(.gz도 가능). --resume이면 학습 폴더에 적힌 것을 씁니다.',
  'argument.data': '이미지 폴더, IDX 파일 또는 CSV 파일(.gz도 가능).',
  'argument.run': '학습 폴더.',
  'argument.runs': '학습 폴더들.',
  'argument.runs-folder': '학습 폴더들이 든 폴더.',
  'argument.archive': '`darkroom archive`로 만든 .zip 파일.',
  'argument.recipe': '레시피 이름(`darkroom recipes` 참고) 또는 JSON 파일.',
  'argument.evaluate-data':
    '디노이저에는 깨끗한 이미지 폴더(--reference를 쓰면 노이즈가 있는 이미지의 폴더), 다른 학습에는 `train`과 같은 데이터.',

  'option.train.recipe':
    '레시피 이름(`darkroom recipes` 참고) 또는 JSON 파일. --resume이면 학습 폴더에 적힌 것을 씁니다.',
  'option.train.set': '레시피의 항목 하나를 바꿉니다. 예: encoder.latentDim=16. 여러 번 쓸 수 있습니다.',
  'option.train.out': '학습 폴더. 가중치, 체크포인트, 기록 등 재현에 필요한 모든 것이 저장됩니다.',
  'option.train.seed': '모든 무작위 값의 시드.',
  'option.train.epochs': '학습 데이터를 훑는 횟수. --resume과 함께 더 크게 주면 이어서 학습합니다.',
  'option.train.resume': '마지막 체크포인트부터 이어서 학습합니다.',
  'option.train.start-from': '시작할 가중치. 모델 이름, 이 프로그램이 만든 .onnx 파일 또는 학습 폴더.',
  'option.train.second': '같은 장면을 다시 찍은 그림의 폴더(Noise2Noise). 파일의 상대 경로가 같아야 합니다.',
  'option.labels':
    '항목의 분류. folders(든 폴더의 이름), CSV 파일의 column:<이름 또는 번호>, 또는 파일. 파일에는 항목마다 레이블을 한 줄씩 쓰거나(없으면 빈 줄), name과 label 열로 일부 항목만 적습니다.',
  'option.only':
    '이 레이블의 항목만 씁니다. 여러 번 줄 수 있습니다. 레이블을 따로 정하지 않으면 학습한 데이터는 학습 때와 같게 씁니다.',
  'option.reconstruct.out':
    '.png 파일이면 입력과 출력을 위아래로 놓은 표, .csv 파일이면 숫자 행, 아니면 항목마다 파일 하나씩 든 폴더.',
  'option.reconstruct.corrupt': '레시피대로 입력을 훼손하고 그것도 보여 줍니다.',
  'option.reconstruct.count': '항목의 최대 개수. 주지 않으면 표에는 16개.',
  'option.reconstruct.seed': '훼손에 쓰는 시드.',
  'option.evaluate.split':
    '데이터의 어느 부분을 쓸지. 주지 않으면 학습에 쓴 데이터일 때는 시험용으로 남겨 둔 부분, 아니면 전부.',
  'option.export.out': '저장할 .onnx 파일.',
  'option.export.format': '파일 형식.',
  'option.export.part': '오토인코더의 전체 또는 반쪽.',
  'option.archive.out': '저장할 .zip 파일.',
  'option.import.out': '새 학습 폴더. 주지 않으면 프로그램의 폴더 안에 만듭니다.',
  'option.recipes.input':
    '표본의 크기. 예: 28,28,1(높이, 너비, 채널) 또는 140(열). 주지 않으면 레시피에 적힌 대로.',

  'usage.data': '학습할 데이터 또는 --resume',
  'usage.recipe': '레시피 또는 --resume',
  'usage.labels': '레이블과 함께 데이터',
  'usage.denoiser': '디노이저에만 쓰기',
  'usage.other-run': '디노이저가 아닌 학습에만 쓰기',

  'progress.items': '항목 {done}/{total}',
  'progress.stopping-training':
    '체크포인트를 남기고 멈추는 중입니다. Ctrl-C를 한 번 더 누르면 바로 끝나며, 그러면 그 전 체크포인트가 마지막이 됩니다.',

  'row.began': '학습 폴더: {run}',
  'row.data': '항목 {items}개({shape}): 학습 {training}개, 검증 {validation}개, 시험 {test}개',
  'row.noise-correlated':
    '노이즈가 서로 상관되어 있습니다(가로 {horizontal}, 세로 {vertical}). 노이즈가 있는 그림만으로 배우면 이런 노이즈가 남습니다. 다음 방법은 이를 고려합니다:',
  'row.skipped-items': '제외한 것 {count}개:',
  'row.network': '{recipe}: 매개변수 {parameters}개, 시드 {seed}',
  'row.train': '에포크 {epoch}, {step}단계: {values}',
  'row.validation': '검증: {values}',
  'run.running': '학습 중',
  'run.stopped': '멈춤',
  'run.finished': '마침',
  'run.unreadable': '읽을 수 없음',
  'runs.none': '여기에는 학습이 없습니다.',
  'runs.columns.run': '학습',
  'runs.columns.state': '상태',
  'runs.columns.recipe': '레시피',
  'runs.columns.data': '데이터',
  'runs.columns.steps': '단계',
  'runs.columns.validation': '마지막 검증',
  'runs.columns.changed': '마지막 작업',
  'compare.settings': '서로 다른 설정:',
  'compare.no-settings': '설정이 모두 같습니다.',
  'compare.figures': '수치:',
  'recipe.input': '입력: {shape}',
  'recipe.code': '코드: {shape}',
  'recipe.input-unknown': '행에 열이 몇 개인지 알 수 없습니다. 네트워크를 보려면 --input으로 알려 주세요.',
  'recipe.layers': '층:',
  'recipe.parameters': '매개변수 {parameters}개. 학습 한 단계에 약 {memory} MiB.',
  'recipe.settings': '설정(--set에 쓸 이름):',

  'result.train-done': '{steps}단계를 마쳤습니다. 모델: {model}',
  'result.train-early': '{steps}단계에서 일찍 끝났습니다. 검증 결과가 더 나아지지 않았습니다. 모델: {model}',
  'result.train-asked': '요청대로 에포크를 마치고 {steps}단계에서 끝났습니다. 모델: {model}',
  'result.train-stopped': '멈췄습니다. `darkroom train --out <run> --resume`으로 체크포인트부터 이어 갑니다.',
  'result.reconstruct': '항목 {items}개를 네트워크에 통과시켰습니다. 저장함: {file}',
  'result.evaluate-run': '항목 {items}개, 부분: {split}. {same}',
  'result.evaluate-run-same': '학습에 쓴 데이터입니다.',
  'result.evaluate-run-other': '학습에 쓴 데이터가 아닙니다.',
  'result.export': '저장함: {file}',
  'result.export-checked': '엔진의 출력과의 최대 차이: {difference}',
  'result.archive': '저장함: {file} ({size} MiB)',
  'result.import-run': '저장함: {run}',

  'warning.code-dead':
    '코드의 유닛이 하나도 쓰이지 않아, 무엇을 입력하든 똑같은 출력이 나옵니다. 코드의 활성화 함수를 linear로 하거나, 시드를 바꾸거나, 학습률을 낮춰 다시 학습하세요. 페널티가 있다면 그 가중치도 줄여 보세요.',
  'warning.gan-collapsed':
    '생성자가 무너져, 만든 표본들이 서로 거의 같습니다. 학습률을 낮추거나, 레이블 스무딩(loss.smoothing)이나 판별자의 스펙트럼 정규화를 쓰거나, 시드를 바꿔 다시 학습하세요.',
  'warning.discriminator-won':
    '판별자가 만든 표본을 모두 알아채 생성자가 거의 배우지 못합니다. loss.discriminatorRate를 줄이거나, 레이블 스무딩(loss.smoothing)이나 판별자의 스펙트럼 정규화를 써서 다시 학습하세요.',

  'split.training': '학습',
  'split.validation': '검증',
  'split.test': '시험',
  'split.all': '전부',

  'quit.train-question': '아직 네트워크를 학습하는 중입니다.',
  'quit.train-detail':
    '{total}단계 중 {done}단계를 마쳤습니다. 체크포인트가 남으므로 프로그램을 다시 열면 이어서 학습할 수 있습니다.',
  'quit.train-stop': '체크포인트를 남기고 종료',
} satisfies Record<keyof typeof trainEn, string>
