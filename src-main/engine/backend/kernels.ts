import type { Recorder, Value } from './ir.ts'

/** Named inputs of a kernel, as tfjs-core names them. */
export type Inputs<Required extends string, Optional extends string = never> = Record<Required, Value> &
  Partial<Record<Optional, Value>>

/**
 * Kernels by their tfjs name. Each records instead of computing. The parameters are `never` here so that every kernel
 * can state the inputs and attributes that it has; tfjs-core's ops are what guarantees them.
 */
export type KernelTable = Record<string, (r: Recorder, inputs: never, attributes: never) => Value | Value[]>
