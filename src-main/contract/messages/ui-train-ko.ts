import type { uiTrainEn } from './ui-train-en.ts'

/** Korean texts of the Train view. */
export const uiTrainKo = {} satisfies Record<keyof typeof uiTrainEn, string>
