import {
  automaticModel,
  type automaticChoices,
  type ModelChoice,
  type NoiseFacts,
} from '../../contract/evidence.ts'
import { shippedModels } from '../storage/models.ts'

/** Below this σ (8-bit scale) there is hardly any noise: rounding to 8 bits leaves a third of it. */
const cleanBelow = 1
/** Steps of JPEG's blocks from here on are seen in flat parts. CBSD68 has 0.2 at most; at quality 70 and below nearly all of it has more. */
const blocksShow = 0.3
/** From here on noise is correlated: white noise of σ ≥ 5 on CBSD68 stays below 0.28 with its texture, demosaicking gives 0.35 or more. */
const correlated = 0.3

/**
 * The model for a picture's noise, and why: `photo` was trained on white noise, `camera` on that of cameras, JPEG included.
 * @param available ids of the models there are; `photo` is one of them.
 */
export function chooseModel(noise: NoiseFacts, available: readonly string[]): ModelChoice {
  const reason = reasonFor(noise)
  const wanted: (typeof automaticChoices)[number] =
    reason === 'camera' || reason === 'compressed' ? 'camera' : 'photo'
  return { model: available.includes(wanted) ? wanted : 'photo', reason, noise }
}

/** Whether the noise of neighbouring pixels is so much alike that it is not white. */
export const isCorrelated = ({ horizontal, vertical }: NoiseFacts['correlation']): boolean =>
  (horizontal + vertical) / 2 >= correlated

function reasonFor({ sigma, correlation, blocking }: NoiseFacts): ModelChoice['reason'] {
  if (blocking >= blocksShow) return 'compressed'
  if (sigma < cleanBelow) return 'clean'
  return isCorrelated(correlation) ? 'camera' : 'white'
}

/** What a file is cleaned by. */
export interface ChosenModel {
  /** Id or name. */
  model: string
  /** Null where a person chose it. */
  choice: ModelChoice | null
}

/**
 * The model for a file: the one that was named, or for `auto` the one that suits its noise.
 * @param noise of the file's first page: one model cleans all of them.
 * @param assets folder with the shipped models.
 */
export async function modelFor(named: string, noise: NoiseFacts, assets: string): Promise<ChosenModel> {
  if (named !== automaticModel) return { model: named, choice: null }
  const choice = chooseModel(noise, await shippedModels(assets))
  return { model: choice.model, choice }
}
