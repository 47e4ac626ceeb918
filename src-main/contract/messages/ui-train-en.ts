/** English texts of the Train view: `ui.train.<name>`. */
export const uiTrainEn = {} as const
