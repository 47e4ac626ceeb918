import { z } from 'zod'
import type { EngineEvent } from '../contract/engine.ts'
import { DarkroomError, ErrorDetail, toErrorDetail } from '../contract/errors.ts'
import type { ShellEvent } from '../contract/shell.ts'

// What birpc puts on a channel: `q` a request (method `m`, arguments `a`, id `i` unless no answer is wanted), `s` an answer
// (result `r` or error `e`).

/** A request as it is accepted from the other side. Methods are named `engine.start`, `shell.info`. */
export const Request = z.object({
  t: z.literal('q'),
  i: z.string().max(64),
  m: z.string().max(64),
  a: z.array(z.unknown()).max(16),
})

/** What the serving side calls on the other one; no answer is wanted. */
export interface Listeners {
  engineEvent(event: EngineEvent): void
  shellEvent(event: ShellEvent): void
}

const hasError = (message: unknown): message is { e: unknown } =>
  typeof message === 'object' && message !== null && 'e' in message

/** Errors travel as their plain data: an Error would lose its code on some transports and show its stack on others. */
export const errorToDetail = (message: unknown): unknown =>
  hasError(message) ? { ...message, e: toErrorDetail(message.e) } : message

/** The other end of `errorToDetail`: what was thrown there is thrown here, as a DarkroomError. */
export const detailToError = (message: unknown): unknown => {
  if (!hasError(message)) return message
  const parsed = ErrorDetail.safeParse(message.e)
  const { code, ...detail } = parsed.success ? parsed.data : toErrorDetail(message.e)
  return { ...message, e: new DarkroomError(code, detail) }
}
