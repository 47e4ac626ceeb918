import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../dist/start/main.js', import.meta.url))

export interface Started {
  /** Process id. */
  pid: number
  /** The address that lets a browser in. */
  url: string
  /** The program's own folder. */
  home: string
  /** Everything that it has printed to the standard error. */
  notes(): string
  /** Ends it as Ctrl-C does (or a service manager), and gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface StartArguments {
  /** Default: a new folder, which `stop` removes. */
  home?: string
  argv?: string[]
  env?: Record<string, string>
}

/** Starts the built program in browser mode, and gives its address once it listens. */
export async function startProgram({ home, argv = [], env = {} }: StartArguments = {}): Promise<Started> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'darkroom-home-')))
  const child = spawn(process.execPath, [main, '--browser', '--no-open', '--json', ...argv], {
    env: { ...process.env, LC_ALL: 'en_US.UTF-8', DARKROOM_HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let notes = ''
  child.stderr.on('data', (text: Buffer) => (notes += text.toString()))
  const exited = once(child, 'exit') as Promise<[number | null]>
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exited.then(([code]) => {
      throw new Error(`ended with ${String(code)} before it listened:\n${notes}`)
    }),
  ])
  const { url } = JSON.parse(line[0]) as { url: string }
  return {
    pid: child.pid!,
    url,
    home: folder,
    notes: () => notes,
    async stop(signal = 'SIGINT') {
      child.kill(signal)
      const [code] = await exited
      if (home === undefined) await rm(folder, { recursive: true, force: true })
      return code
    },
  }
}
