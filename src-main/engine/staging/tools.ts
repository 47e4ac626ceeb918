import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Asks the command to end; the promise settles once it has. */
  signal?: AbortSignal
}

/** Runs a command and returns what it wrote to its standard output. Rejects with what it wrote to the other one as `stderr`. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { signal, ...rest } = options
  const running = execute(command, args, { maxBuffer: 2 ** 26, ...rest })
  const stop = (): void => void running.child.kill()
  signal?.addEventListener('abort', stop)
  try {
    return (await running).stdout
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** What is needed on the machine, and the Debian package that has it. */
const tools = [
  { command: 'npm', args: ['--version'], packageName: 'npm' },
  { command: 'tar', args: ['--version'], packageName: 'tar' },
  { command: 'g++', args: ['--version'], packageName: 'g++' },
  { command: 'strip', args: ['--version'], packageName: 'binutils' },
  { command: 'python3', args: ['-m', 'pip', '--version'], packageName: 'python3-pip' },
]

export interface MissingTool {
  command: string
  packageName: string
}

export async function missingTools(): Promise<MissingTool[]> {
  const missing = await Promise.all(
    tools.map(async ({ command, args, packageName }) => {
      const name = args.length > 1 ? `${command} -m pip` : command
      return run(command, args).then(
        () => [],
        () => [{ command: name, packageName }],
      )
    }),
  )
  return missing.flat()
}
