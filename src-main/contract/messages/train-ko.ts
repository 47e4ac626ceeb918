import type { trainEn } from './train-en.ts'

/** Korean texts of training, runs and data: engine and command line. */
export const trainKo = {} satisfies Record<keyof typeof trainEn, string>
