import type { ModelChoice } from '../../contract/evidence.ts'

/** The shipped model that suits a picture's noise, and why. */
export function chooseModel(noise: ModelChoice['noise']): ModelChoice {
  return { model: 'photo', reason: noise.sigma === 0 ? 'clean' : 'white', noise }
}
