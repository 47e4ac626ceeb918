import { flushSync } from 'svelte'

/** Runs an effect now and whenever what it reads changes, as a component does; the result ends it. */
export function watching(effect: () => void): () => void {
  const stop = $effect.root(() => {
    $effect(effect)
  })
  flushSync()
  return stop
}
