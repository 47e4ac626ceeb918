import type { uiTrainEn } from './ui-train-en.ts'

/** Korean texts of the Train view. */
export const uiTrainKo = {
  'ui.train.setup.new': '새 학습',
} satisfies Record<keyof typeof uiTrainEn, string>
