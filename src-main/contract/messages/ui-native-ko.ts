import type { uiNativeEn } from './ui-native-en.ts'

/** Korean texts of staging the native engine. */
export const uiNativeKo = {
  'ui.native': '네이티브 엔진(TensorFlow)',
  'ui.native.about':
    'TensorFlow 자체 커널로 학습하는 또 하나의 방법입니다. NVIDIA 그래픽 카드가 있으면 그 위에서 학습합니다. 없어도 모든 기능을 쓸 수 있습니다. 요청할 때만 다운로드하며, 자체 검사에서 기본 엔진과 같은 값이 나올 때만 사용합니다.',
  'ui.native.kind': '종류',
  'ui.native.kind.cpu': '프로세서',
  'ui.native.kind.cuda': 'NVIDIA 그래픽 카드(CUDA)',
  'ui.native.no-driver': 'NVIDIA 드라이버를 찾지 못했습니다. 드라이버가 없으면 프로세서로 계산합니다.',
  'ui.native.download': '다운로드 크기',
  'ui.native.downloaded': '그중 {size}는 이미 받음',
  'ui.native.disk': '디스크 사용량',
  'ui.native.room': '준비하는 동안 필요한 공간',
  'ui.native.room.of': '{room}, 여유 {free}',
  'ui.native.terms': 'TensorFlow와 tfjs-node는 Apache 라이선스 2.0을 따릅니다.',
  'ui.native.missing': '준비에 필요한 도구가 없습니다: {tools}. 터미널에서 설치하세요. 예:',
  'ui.native.full': '디스크 공간이 부족합니다.',
  'ui.native.look': '다시 확인',
  'ui.native.begin': '다운로드하고 준비하기({size})',
  'ui.native.go-on': '이어서 하기(남은 다운로드 {size})',
  'ui.native.again': '새로 준비하기',
  'ui.native.beginning': '시작하는 중…',
  'ui.native.staged': 'TensorFlow {version}이(가) 준비되었습니다.',
  'ui.native.staged.cuda': 'CUDA를 쓰는 TensorFlow {version}이(가) 준비되었습니다.',
  'ui.native.train': '이 엔진으로 학습',
  'ui.native.train.hint':
    '다음 학습부터 적용되며, 이어서 하는 학습도 포함합니다. 사진은 위에서 고른 엔진이 계속 처리합니다.',
  'ui.native.test.none': '자체 검사를 아직 하지 않았습니다.',
  'ui.native.test.passed': '자체 검사를 통과했습니다.',
  'ui.native.test.failed': '자체 검사를 통과하지 못해 사용하지 않습니다.',
  'ui.native.test.difference': '기본 엔진과의 최대 차이: {difference}, 걸린 시간 {time}',
} satisfies Record<keyof typeof uiNativeEn, string>
