/** English texts of training, runs and data: engine and command line. */
export const trainEn = {} as const
