import { z } from 'zod'
import { ErrorDetail } from './errors.ts'
import { Cleaned } from './evidence.ts'
import type { Progress } from './jobs.ts'
import { DenoiseSettings, SettingsChange } from './settings.ts'

/**
 * `idle`: shown, nothing asked of it yet. `waiting`: to be saved. `running`: being cleaned. `done`: its output is written.
 * `failed`: `error` says why. Cancelling puts an item back to `idle`.
 */
const itemStates = ['idle', 'waiting', 'running', 'done', 'failed'] as const

/** One picture of the window's queue. It outlives the window and the engine: the engine keeps the queue on disk. */
export const QueueItem = z.strictObject({
  id: z.string(),
  /** Absolute path. */
  source: z.string(),
  /** Folder below the one that was added, for `{dir}`; empty for a file added by itself. */
  dir: z.string(),
  settings: DenoiseSettings,
  state: z.enum(itemStates),
  /** From the file's header; null until it was looked at. */
  image: z
    .strictObject({
      width: z.int(),
      height: z.int(),
      pages: z.int(),
      container: z.string(),
      bytes: z.int(),
    })
    .nullable(),
  /** σ that was found or used, 8-bit scale; null until the picture was opened or cleaned. */
  sigma: z.number().nullable(),
  /** Where it was written, or (before that) where it would be, so far as is known. */
  output: z.string().nullable(),
  /** What a done item was cleaned with, whatever was set since; null for any other, and where an older program wrote it. */
  written: DenoiseSettings.nullable().default(null),
  /** What was done to a done item; null for any other, and where an older program wrote it. */
  cleaned: Cleaned.nullable().default(null),
  /** Share of the work on a running item, 0–1. */
  progress: z.number().min(0).max(1),
  /** Time the network took, once done. */
  seconds: z.number().nullable(),
  /** Keys of the message catalogue: something the person should know. */
  warnings: z.array(z.string()),
  error: ErrorDetail.nullable(),
  /** Times its cleaning was begun: an item on which the engine died twice is failed, not tried a third time. */
  attempts: z.int(),
})
export type QueueItem = z.infer<typeof QueueItem>

export interface QueueState {
  items: QueueItem[]
  /** No further item is begun while true. */
  paused: boolean
  /** Of everything asked to be saved since the queue was last at rest; null at rest. */
  progress: Progress | null
}

/** What changed in the queue since the last event. Items are whole; new ones go to the end. */
export interface QueueChange {
  items: QueueItem[]
  removed: string[]
  paused: boolean
  progress: Progress | null
}

const Ids = z.union([z.literal('all'), z.array(z.string()).min(1)])

export const QueueCommand = z.discriminatedUnion('type', [
  /** Adds files, and the images below folders. What is in the queue already (same path) is not added twice. */
  z.strictObject({
    type: z.literal('add'),
    sources: z.array(z.string().min(1)).min(1),
    recursive: z.boolean().default(true),
    settings: DenoiseSettings,
  }),
  z.strictObject({ type: z.literal('change'), ids: Ids, settings: SettingsChange }),
  /** Asks for items to be cleaned and written, at the end of the line. Done ones are written once more. */
  z.strictObject({ type: z.literal('save'), ids: Ids }),
  z.strictObject({ type: z.literal('cancel'), ids: Ids }),
  /** Asks again for those of the items that failed. */
  z.strictObject({ type: z.literal('retry'), ids: Ids }),
  /** Takes items out of the queue; files stay where they are. */
  z.strictObject({ type: z.literal('remove'), ids: Ids }),
  z.strictObject({ type: z.literal('clear-done') }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('resume') }),
])
export type QueueCommand = z.infer<typeof QueueCommand>
/** A command as a caller writes it: fields with defaults may be left out. */
export type QueueCommandInput = z.input<typeof QueueCommand>

/** What a command did. For `add`: ids of the items of these sources, and the files that are no images. */
export interface QueueReply {
  ids: string[]
  ignored: string[]
}

/** Where a picture would be written with these settings, for a live example of the naming template. */
export const OutputQuestion = z.strictObject({
  source: z.string().min(1),
  dir: z.string().default(''),
  settings: DenoiseSettings,
})
export type OutputQuestion = z.input<typeof OutputQuestion>
