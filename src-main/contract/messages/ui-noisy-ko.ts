import type { uiNoisyEn } from './ui-noisy-en.ts'

/** Korean texts of learning from pictures that are all noisy. */
export const uiNoisyKo = {
  'ui.noisy.open': '모두 노이즈가 있는 사진: 이 사진들로 학습하기',
  'ui.noisy.open-folder': '깨끗한 사진이 하나도 없나요? 폴더로 학습하기',
  'ui.noisy.title': '노이즈가 있는 사진으로 학습',
  'ui.noisy.about':
    '깨끗한 사진 없이 바로 이 사진들의 노이즈를 신경망이 배운 다음, 이 사진들과 비슷한 사진의 노이즈를 제거합니다. 모든 작업은 이 컴퓨터 안에서만 이루어집니다.',
  'ui.noisy.looking': '노이즈를 살펴보는 중…',
  'ui.noisy.pictures': '사진',
  'ui.noisy.pictures.count': '{count}장, 모두 {megapixels}메가픽셀',
  'ui.noisy.depth.gray': '흑백, {bits}비트',
  'ui.noisy.depth.colour': '컬러, {bits}비트',
  'ui.noisy.noise': '노이즈',
  'ui.noisy.noise.white': '픽셀마다 따로 나타나 이웃 픽셀과 관계가 없음',
  'ui.noisy.noise.correlated': '이웃 픽셀에 이어져 얼룩이나 줄무늬로 나타남',
  'ui.noisy.warning.correlated':
    '노이즈가 있는 사진만으로 배우는 신경망은 이웃 픽셀에 이어진 노이즈를 장면의 일부로 보고 남겨 둡니다. 아래 방법은 적혀 있는 만큼 이를 고려합니다.',
  'ui.noisy.warning.few':
    '배우기에는 픽셀이 적어 신경망이 그대로 외워 버릴 수 있습니다. 같은 종류의 사진이 많을수록 좋아집니다.',
  'ui.noisy.warning.little-noise': '노이즈가 거의 없어 나아질 것이 적을 수 있습니다.',
  'ui.noisy.ways': '학습 방법',
  'ui.noisy.best': '추천',
  'ui.noisy.against.structured-mask':
    '줄무늬를 따라 이웃 픽셀도 함께 가려, 이웃에서 노이즈를 알아낼 수 없게 합니다.',
  'ui.noisy.against.downsampling':
    '노이즈가 덜 이어지는 한 칸 건너 픽셀로 배웁니다. 세부 묘사가 조금 부드러워집니다.',
  'ui.noisy.duration.minutes': '이 프로세서로 몇 분 걸립니다',
  'ui.noisy.duration.hour': '이 프로세서로 최대 한 시간쯤 걸립니다',
  'ui.noisy.duration.hours': '이 프로세서로 몇 시간 걸립니다',
  'ui.noisy.duration.night': '이 프로세서로 오랜 시간이 걸립니다. 멈췄다가 이어서 할 수 있습니다',
  'ui.noisy.name': '모델 이름',
  'ui.noisy.begin': '학습 시작',
  'ui.noisy.begun': '학습을 시작합니다. 진행 상황은 사진 위쪽과 학습 화면에서 볼 수 있습니다.',
  'ui.noisy.waits': '진행 중인 학습이 끝나면 시작합니다.',
  'ui.noisy.state.training': '‘{title}’이(가) 이 중 사진 {count}장으로 학습하고 있습니다.',
  'ui.noisy.state.stopped': '이 중 사진 {count}장으로 학습하던 ‘{title}’이(가) 멈췄습니다.',
  'ui.noisy.state.done': '‘{title}’이(가) 이 중 사진 {count}장으로 학습을 마쳤습니다.',
  'ui.noisy.use': '이 사진들에 사용하기',
  'ui.noisy.used': '이제 {model}(으)로 처리하는 사진: {count}장',
  'ui.noisy.show': '학습 보기',
  'ui.noisy.put-away': '더 이상 표시하지 않기',
} satisfies Record<keyof typeof uiNoisyEn, string>
