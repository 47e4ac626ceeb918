import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Engine } from '../contract/engine.ts'
import type { EngineChoice } from '../contract/engines.ts'
import { connect } from '../transport/connect.ts'
import { processChannel } from '../transport/process-channel.ts'

export interface ChildOptions {
  /** A real Node binary (`node-binary.ts`). */
  node: string
  /** `engine-process` as a JavaScript file, outside any asar. */
  entry: string
  /** Options of Node itself, such as `--import tsx`. */
  nodeArguments?: string[]
  /** The program's own folder. */
  home: string
  /** Folder with the shipped models and recipes; default: beside the code. */
  assets?: string
  /** Told every line that the child prints, and when it starts. */
  log(line: string): void
  /** Time in which a child that is asked to close must have ended before it is killed, ms. */
  patience?: number
}

/** What a person may choose for the engine in the settings. */
export interface EnginePreferences {
  engine?: EngineChoice
  /** Null: as many as there are cores. */
  threads?: number | null
}

export interface EngineChild {
  engine: Engine
  /** Resolves when the process has ended and everything that it sent has arrived: how it died, null when `end` asked it to. */
  ended: Promise<string | null>
  /** Asks it to close, and kills it when it does not within `patience` ms. */
  end(patience?: number): Promise<void>
}

/** Starts the engine's process. Calls may be made at once; they wait in the channel. */
export function startEngineChild(options: ChildOptions, preferences: EnginePreferences): EngineChild {
  mkdirSync(options.home, { recursive: true })
  const child = spawn(
    options.node,
    [...(options.nodeArguments ?? []), options.entry, ...flagsOf(options, preferences)],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: environment(),
      windowsHide: true,
      // So that a relative path never means a file of the folder that the program happened to be started in.
      cwd: options.home,
    },
  )
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream! }).on('line', (line) => options.log(line))
  }
  if (child.pid !== undefined) options.log(`The engine runs as process ${child.pid}.`)
  const channel = processChannel(child)
  const { engine, closed } = connect(channel)

  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`))
    // It could not be started; or, later, not killed.
    child.on('error', (error) => {
      if (child.pid === undefined) channel.close()
      resolve(error.message)
    })
  })
  let ending: Promise<void> | null = null
  const ended = exited.then(async (how) => {
    await closed
    return ending === null ? how : null
  })
  const end = async (patience = options.patience ?? 5_000): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    // Closed by a call first, so that what jobs say at their end still arrives.
    await engine.close().catch(() => undefined)
    // Nothing is left to be done there. Ended from there: `disconnect` here would wait for ever for the rest of a message of
    // which a part has arrived.
    child.kill()
    await ended
    clearTimeout(timer)
  }
  return { engine, ended, end: (patience) => (ending ??= end(patience)) }
}

function flagsOf({ home, assets }: ChildOptions, { engine, threads }: EnginePreferences): string[] {
  return Object.entries({ home, assets, engine, threads }).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`--${name}`, String(value)],
  )
}

/** Electron's variables would make Node's child one of Electron's kind, or tell it where its window is. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ELECTRON_')))
