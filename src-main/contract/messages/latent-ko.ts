import type { latentEn } from './latent-en.ts'

/** 잠재 코드에 관한 한국어 문구: 엔진과 명령줄. */
export const latentKo: Record<keyof typeof latentEn, string> = {
  'error.export-unreadable': '이 파일에는 만들어진 과정이 적혀 있지 않습니다.',
  'remedy.export-unreadable':
    'Latent Darkroom이 내보낸 파일(곁에 .json이 있으면 함께)이나 저장한 보기를 지정하세요.',
  'error.latents-unreadable': '이 코드 표를 읽을 수 없습니다.',
  'remedy.latents-unreadable':
    '한 행에 코드 하나, 모든 칸에 숫자가 있는 CSV, NPY, Parquet 파일을 지정하세요.',
  'error.latents-unsuitable': '이 코드는 여기에 쓸 수 없습니다.',
  'remedy.latents-unsuitable': '위 줄에서 요구하는 것을 쓰세요.',
  'error.model-without-codes': '이 학습의 신경망에는 코드가 없습니다.',
  'remedy.model-without-codes': '오토인코더, 변분 오토인코더, GAN 학습을 고르세요.',
  'error.model-without-encoder':
    '이 학습의 신경망은 그림을 코드로 바꿀 수 없습니다. GAN에는 인코더가 없습니다.',
  'remedy.model-without-encoder': '시드나 코드에서 시작하거나 오토인코더 학습을 고르세요.',
  'warning.no-arc':
    '일부 코드 사이에는 호가 없어(같은 방향이거나 정반대 방향, 또는 0) 그 구간은 직선으로 이었습니다.',
  'warning.no-prior':
    '이 오토인코더는 사전 분포에 맞춰 학습되지 않아 N(0, 1) 자리의 코드를 디코더가 본 적이 없습니다. 코드에 맞춘 혼합 분포에서 뽑으세요.',
  'warning.samples-few': '요청한 것보다 그림이 적습니다. 모델이 이만큼 서로 다른 그림을 더 만들지 못합니다.',
  'warning.samples-same': '모든 그림이 같습니다. 디코더가 코드를 보지 않습니다. 모델이 붕괴했습니다.',
}
