import type { RunStore } from '../run/run.svelte.ts'

/** One of the runs that are compared, read. */
export interface Compared {
  path: string
  title: string
  /** Which colour of the palette, from 1. */
  colour: number
  store: RunStore
  detail: NonNullable<RunStore['detail']>
}
