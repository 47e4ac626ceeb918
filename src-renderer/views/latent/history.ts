/** States that a person went through, for undo and redo. */
export interface History<State> {
  /** Oldest first. */
  states: readonly State[]
  /** The one that is shown. */
  at: number
}

/** States that are kept. */
const maximum = 200

export const historyOf = <State>(first: State): History<State> => ({ states: [first], at: 0 })

/** After another state: what was undone is gone. */
export function withState<State>({ states, at }: History<State>, next: State): History<State> {
  const kept = [...states.slice(0, at + 1), next].slice(-maximum)
  return { states: kept, at: kept.length - 1 }
}

/** So many steps on; back with a negative number. It stays at either end. */
export const movedBy = <State>({ states, at }: History<State>, steps: number): History<State> => ({
  states,
  at: Math.min(Math.max(at + steps, 0), states.length - 1),
})
