/** English texts of the Train view: `ui.train.<name>`. */
export const uiTrainEn = {
  'ui.train.setup.new': 'New training',
} as const
