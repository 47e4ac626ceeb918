import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../src-main/cli/run.ts'
import type { JobEvent } from '../../src-main/contract/jobs.ts'

export interface CliRun {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command line in this process, English unless the environment says otherwise. */
export async function darkroom(
  argv: string[],
  { env = {}, terminal }: { env?: Record<string, string>; terminal?: { columns: number } } = {},
): Promise<CliRun> {
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), terminal && { isTTY: true, ...terminal })
  const output = Promise.all([text(stdout), text(stderr)])
  const signals = new EventEmitter()
  const code = await runCli(argv, { stdout, stderr, env, signals, exit: () => undefined })
  stdout.end()
  stderr.end()
  const [out, err] = await output
  return { code, stdout: out, stderr: err }
}

/** The events of a run with `--json`. Throws when a line is no JSON. */
export const eventsOf = (stdout: string): JobEvent[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JobEvent)

const main = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url))

export interface CliChild {
  process: ChildProcessByStdio<null, Readable, Readable>
  /** Settles when a line of the standard output has the text. */
  line(containing: string): Promise<void>
  /** Exit code or the signal that ended it, and everything it wrote. */
  end(): Promise<Omit<CliRun, 'code'> & { code: number | null; signal: NodeJS.Signals | null }>
}

/** Runs a command line in a process of its own, straight from the sources. */
export function spawnDarkroom(argv: string[], preload: string[] = [], env: NodeJS.ProcessEnv = {}): CliChild {
  const imports = ['tsx', ...preload].flatMap((module) => ['--import', module])
  const child = spawn(process.execPath, [...imports, main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...env },
  })
  const lines: string[] = []
  const arrived = new EventEmitter()
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    arrived.emit('line')
  })
  const stderr = text(child.stderr)
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    process: child,
    async line(containing) {
      while (!lines.some((line) => line.includes(containing)))
        await Promise.race([
          once(arrived, 'line'),
          closed.then(async () => {
            throw new Error(`ended without “${containing}”: ${await stderr}`)
          }),
        ])
    },
    async end() {
      const [code, signal] = await closed
      return { code, signal, stdout: lines.join('\n'), stderr: await stderr }
    },
  }
}
