import type { nativeEn } from './native-en.ts'

/** Korean texts of staging the native engine. */
export const nativeKo = {
  'command.native': '네이티브 엔진(TensorFlow)을 프로그램 폴더에 내려받아 빌드합니다. Linux x64 전용.',
  'option.native.cuda': 'NVIDIA 그래픽 카드용: CUDA 12와 NVIDIA 라이브러리를 포함합니다.',
  'option.native.force': '이미 있어도 다시 준비합니다.',
  'native.platform':
    '네이티브 엔진은 아직 Linux x64에서만 빌드할 수 있습니다. 기본 엔진은 그대로 쓸 수 있습니다.',
  'native.terms-cuda':
    'NVIDIA 라이브러리(CUDA 12, cuDNN 9)가 함께 설치됩니다. NVIDIA의 자체 라이선스를 따르며, 라이선스 문서도 함께 저장됩니다.',
  'native.no-card': 'NVIDIA 드라이버를 찾지 못했습니다. 이 컴퓨터에서는 프로세서로 계산합니다.',
  'progress.bytes': '{total} 중 {done}',
  'staging.download': '내려받는 중',
  'staging.unpack': '압축을 푸는 중',
  'staging.build': '빌드하는 중',
  'staging.try': '시험하는 중',
  'result.native': '네이티브 엔진이 준비되었습니다. libtensorflow {version}, 위치: {folder}',
  'result.native-passed':
    '자체 점검을 통과했습니다. 기본 엔진과의 차이는 {difference} 이내입니다. --engine native로 사용하세요.',
  'result.native-refused': '자체 점검을 통과하지 못해 사용하지 않습니다. {failure}',
  'result.native-differs': '값이 {difference}만큼 다릅니다',
  'error.download-failed': '파일을 내려받지 못했습니다.',
  'remedy.download-failed':
    'npm과 pip가 이곳에서 저장소에 접속할 수 있는지 확인하고 다시 시작하세요. 다 받은 파일은 보존됩니다.',
  'error.platform-unsupported': '이 시스템에서는 사용할 수 없습니다.',
  'remedy.platform-unsupported': '기본 엔진은 그대로 쓸 수 있습니다.',
  'error.staging-busy': '네이티브 엔진을 이미 준비하고 있습니다.',
  'remedy.staging-busy': '다른 창이나 터미널의 작업이 끝날 때까지 기다리세요.',
  'error.staging-failed': '네이티브 엔진을 빌드하지 못했습니다.',
  'remedy.staging-failed':
    '컴파일러나 로더가 남긴 메시지를 확인하세요. 기본 엔진은 그대로 동작하며, 내려받은 파일은 보존됩니다.',
  'error.tools-missing': '네이티브 엔진을 빌드하는 데 필요한 프로그램이 없습니다.',
  'remedy.tools-missing': '설치한 뒤 다시 시작하세요. Debian이나 Ubuntu에서는 위의 명령을 쓰면 됩니다.',
} satisfies Record<keyof typeof nativeEn, string>
