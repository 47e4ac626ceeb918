import type { Engine } from '../contract/engine.ts'
import type { ErrorDetail } from '../contract/errors.ts'
import { describeError, translate, type Locale, type MessageKey } from '../contract/messages/messages.ts'
import { createEngine } from '../engine/engine.ts'
import { printable } from './text.ts'

/** The parts of a process that the command line touches: `process` itself, or what a test puts in its place. */
export interface Host {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  env: Record<string, string | undefined>
  /** Where SIGINT and the like arrive. */
  signals: {
    on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
    off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  }
  /** Ends the process at once. */
  exit(code: number): void
}

/** What every command gets. */
export interface Cli {
  host: Host
  locale: Locale
  text(key: MessageKey, params?: Record<string, string | number>): string
  /** One line of a result. */
  out: (line: string) => void
  /** One line of progress or trouble. */
  note: (line: string) => void
  /** An error as three lines: what, where, remedy; with `--verbose` what was thrown as well. */
  complain(detail: ErrorDetail, thrown?: unknown): void
  openEngine(): Engine
  /** Sets the exit code. */
  finish(code: number): void
}

/** @param verbose asked each time, because the options are read after this is made. */
export function createCli(
  host: Host,
  locale: Locale,
  verbose: () => boolean,
  finish: (code: number) => void,
): Cli {
  const write = (stream: NodeJS.WritableStream, line: string): void => void stream.write(`${line}\n`)
  const trace = (thrown: unknown): void => {
    if (verbose()) write(host.stderr, thrown instanceof Error ? stackOf(thrown) : String(thrown))
  }
  return {
    host,
    locale,
    text: (key, params) => translate(locale, key, params),
    out: (line) => write(host.stdout, printable(line)),
    note: (line) => write(host.stderr, printable(line)),
    complain(detail, thrown) {
      const { what, where, remedy } = describeError(detail, locale)
      for (const line of [what, where, remedy]) if (line !== null) write(host.stderr, printable(line))
      if (thrown !== undefined) trace(thrown)
    },
    openEngine: () => createEngine({ onError: trace }),
    finish,
  }
}

/** The stack of an error and of what caused it. */
const stackOf = (error: Error): string =>
  [error.stack ?? error.message, ...(error.cause instanceof Error ? [stackOf(error.cause)] : [])].join('\n')
