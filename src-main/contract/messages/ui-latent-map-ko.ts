import type { uiLatentMapEn } from './ui-latent-map-en.ts'

export const uiLatentMapKo: Record<keyof typeof uiLatentMapEn, string> = {
  'ui.view.latent': '잠재 공간',
  'ui.shortcut.go-latent': '잠재 공간으로 가기',
  'ui.latent.choose': '신경망이 배운 것을 들여다보기',
  'ui.latent.choose.how':
    '왼쪽에서 오토인코더, VAE 또는 GAN의 실행을 고르세요. 사진마다 어디에 놓이는지 보고, 그 사이를 오가고, 새것을 만들고, 찾은 것을 꺼낼 수 있습니다.',
  'ui.latent.runs.none': '아직 오토인코더나 GAN의 실행이 없습니다.',
  'ui.latent.runs.train': '학습하기',
  'ui.latent.training': '학습 보기',
  'ui.latent.explore-codes': '코드 살펴보기',
  'ui.latent.reading': '신경망을 여는 중…',
  'ui.latent.kind.autoencoder': '오토인코더',
  'ui.latent.kind.variational': '변분 오토인코더',
  'ui.latent.kind.gan': 'GAN',
  'ui.latent.code': '코드: {shape}',
  'ui.latent.items': '{count}개 항목으로 학습',
  'ui.latent.tabs': '코드로 할 일',
  'ui.latent.tab.map': '지도',
  'ui.latent.tab.explore': '탐색',
  'ui.latent.tab.interpolate': '보간',
  'ui.latent.tab.samples': '표본',
  'ui.latent.tab.arithmetic': '산술',
}
