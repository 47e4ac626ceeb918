import type { uiLatentMovesEn } from './ui-latent-moves-en.ts'

/** Korean texts of what is made in the Latent view. */
export const uiLatentMovesKo: Record<keyof typeof uiLatentMovesEn, string> = {
  'ui.shortcuts.latent': '잠재 공간',
  'ui.shortcut.undo': '실행 취소',
  'ui.shortcut.redo': '다시 실행',
  'ui.shortcut.randomise': '무작위 코드',
  'ui.shortcut.play': '경로 재생 또는 정지',

  'ui.latent.save.format': '형식',
  'ui.latent.save.path': '경로',
  'ui.latent.save.choose-path': '저장할 곳 고르기…',
  'ui.latent.save.write': '저장',
  'ui.latent.save.writing': '저장하는 중…',
  'ui.latent.save.written': '저장됨: {name}',
  'ui.latent.save.download': '내려받기',

  'ui.latent.interpolate': '보간',
}
