import { z } from 'zod'
import { DataSource } from './dataset.ts'

/** Whose labels: a run's data, or others that it is shown. Which labels the data have themselves makes no difference. */
export const LabelSetOf = z.strictObject({ run: z.string().min(1), data: DataSource })
export type LabelSetOf = z.infer<typeof LabelSetOf>

/** Classes that a person has named, and the labels that they have given by hand: kept by the program as they are given. */
export const LabelSet = z.strictObject({
  ...LabelSetOf.shape,
  classes: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(120),
        /** The digit that gives it; null beyond ten classes. */
        key: z.int().min(0).max(9).nullable(),
      }),
    )
    .max(1000),
  labels: z
    .array(
      z.strictObject({
        /** The item's place in the data. */
        index: z.int().min(0),
        /** Place in `classes`. */
        class: z.int().min(0),
      }),
    )
    .max(100_000),
})
export type LabelSet = z.infer<typeof LabelSet>
