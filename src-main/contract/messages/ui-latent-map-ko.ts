import type { uiLatentMapEn } from './ui-latent-map-en.ts'

export const uiLatentMapKo: Record<keyof typeof uiLatentMapEn, string> = {
  'ui.view.latent': '잠재 공간',
}
