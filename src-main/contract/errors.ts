import { z } from 'zod'

/**
 * Every failure that a person may meet, by code. The text of each stands in the message catalogues under
 * `error.<code>` (what happened) and `remedy.<code>` (what to do about it).
 */
export const errorCodes = [
  'analysis-unreadable',
  'calibration-too-small',
  'archive-unreadable',
  'argument-invalid',
  'cancelled',
  'data-unreadable',
  'data-unsuitable',
  'disk-full',
  'download-failed',
  'engine-crashed',
  'engine-stopped',
  'engine-unavailable',
  'export-unreadable',
  'file-exists',
  'file-not-found',
  'folder-unreadable',
  'home-in-use',
  'image-empty',
  'image-format-refused',
  'image-too-large',
  'image-too-small',
  'image-unreadable',
  'internal',
  'job-unknown',
  'labels-missing',
  'labels-unusable',
  'latents-unreadable',
  'latents-unsuitable',
  'memory-exhausted',
  'model-ambiguous',
  'model-incompatible',
  'model-unknown',
  'model-without-codes',
  'model-without-encoder',
  'model-unreadable',
  'output-collision',
  'output-unwritable',
  'path-not-granted',
  'platform-unsupported',
  'queue-unreadable',
  'recipe-invalid',
  'recipe-too-large',
  'recipe-unknown',
  'run-in-use',
  'run-incompatible',
  'run-unreadable',
  'shell-unsupported',
  'staging-busy',
  'staging-failed',
  'tools-missing',
  'trace-unsupported',
  'training-data-missing',
  'training-diverged',
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** The plain data of a failure: what travels over a transport, into a report, or to a log. */
export const ErrorDetail = z.strictObject({
  code: z.enum(errorCodes),
  /** The file, folder or other named thing that it is about. */
  file: z.string().optional(),
  /** What would have been right, in a few words. */
  expected: z.string().optional(),
  /** What was there instead. */
  received: z.string().optional(),
})
export type ErrorDetail = z.infer<typeof ErrorDetail>

/** The only error that the engine throws on purpose. Anything else that escapes is a defect, reported as `internal`. */
export class DarkroomError extends Error {
  override readonly name = 'DarkroomError'
  readonly detail: ErrorDetail

  constructor(code: ErrorCode, detail: Omit<ErrorDetail, 'code'> = {}, cause?: unknown) {
    const parts = [
      code,
      detail.file,
      detail.expected && `expected ${detail.expected}`,
      detail.received && `received ${detail.received}`,
    ]
    super(parts.filter(Boolean).join(': '), cause === undefined ? undefined : { cause })
    this.detail = { code, ...detail }
  }
}

/** The failure data of anything that was thrown; `file` is filled in where the error names none. */
export function toErrorDetail(thrown: unknown, file?: string): ErrorDetail {
  if (thrown instanceof DarkroomError) return file === undefined ? thrown.detail : { file, ...thrown.detail }
  const received = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'internal', received, ...(file === undefined ? {} : { file }) }
}

/** The issue that says most: within a union that of the option which the data come closest to. */
function tellingIssue(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  const path = [...issue.path]
  if (issue.code === 'unrecognized_keys') return { path: [...path, issue.keys[0]!], message: 'unknown key' }
  const options = issue.code === 'invalid_union' ? issue.errors : []
  const inner = options.flatMap((issues) => issues.slice(0, 1).map(tellingIssue))
  const closest = [...inner].sort((a, b) => b.path.length - a.path.length)[0]
  if (closest === undefined) return { path, message: issue.message }
  if (closest.path.length > 0) return { path: [...path, ...closest.path], message: closest.message }
  return { path, message: inner.map(({ message }) => message).join(', or: ') }
}

/** Parses data from an edge; a mismatch becomes a DarkroomError that names the field: `model.encoder.layers.2.units: …`. */
export function parseOrThrow<T>(schema: z.ZodType<T>, data: unknown, code: ErrorCode, file?: string): T {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const { path, message } = tellingIssue(result.error.issues[0]!)
  const received = path.length === 0 ? message : `${path.join('.')}: ${message}`
  throw new DarkroomError(code, { received, ...(file === undefined ? {} : { file }) })
}
