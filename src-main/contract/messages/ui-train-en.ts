import { uiTrainRunEn } from './ui-train-run-en.ts'
import { uiTrainFieldsEn } from './ui-train-fields-en.ts'
import { uiTrainSetupEn } from './ui-train-setup-en.ts'

/** English texts of the Train view: `ui.train.<name>`. */
export const uiTrainEn = {
  ...uiTrainSetupEn,
  ...uiTrainFieldsEn,

  ...uiTrainRunEn,
} as const
