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
}
