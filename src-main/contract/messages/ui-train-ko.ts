import type { uiTrainEn } from './ui-train-en.ts'
import { uiTrainFieldsKo } from './ui-train-fields-ko.ts'
import { uiTrainSetupKo } from './ui-train-setup-ko.ts'
import { uiTrainRunKo } from './ui-train-run-ko.ts'

/** Korean texts of the Train view. */
export const uiTrainKo = {
  ...uiTrainSetupKo,
  ...uiTrainFieldsKo,

  ...uiTrainRunKo,
} satisfies Record<keyof typeof uiTrainEn, string>
