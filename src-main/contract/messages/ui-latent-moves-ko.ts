import type { uiLatentMovesEn } from './ui-latent-moves-en.ts'

export const uiLatentMovesKo: Record<keyof typeof uiLatentMovesEn, string> = {
  'ui.latent.interpolate': '보간',
}
