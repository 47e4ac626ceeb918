import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The product's folder, whose package.json names the program that Electron runs. It lies two folders above this file. */
const product = fileURLToPath(new URL('../..', import.meta.url))

/** An Electron that ends with an error within so many milliseconds has shown no window: a sandbox or a library is missing. */
const failsWithin = 10_000

/**
 * Runs the desktop program until it ends. @param files absolute paths to open
 * @returns its exit code; null when it could not open a window
 */
export function openWindow(electron: string, files: string[]): Promise<number | null> {
  const begun = performance.now()
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // The engine is to run on the Node that runs this, which is not always the one on the PATH.
    DARKROOM_NODE: process.env['DARKROOM_NODE'] ?? process.execPath,
  }
  // Set in the terminals of editors that are Electron programs themselves: the window would be a mere Node.
  delete env['ELECTRON_RUN_AS_NODE']
  const child = spawn(electron, [product, ...files], { stdio: 'inherit', env })
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  // Ctrl-C reaches the whole group by itself: this program only has to stay until the window is closed.
  const ignore = (): void => undefined
  process.on('SIGTERM', pass)
  process.on('SIGINT', ignore)
  return new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', (code, signal) => {
      const wasAsked = signal === 'SIGINT' || signal === 'SIGTERM'
      if (code === 0 || wasAsked || performance.now() - begun > failsWithin) resolve(code ?? 0)
      else resolve(null)
    })
  }).finally(() => {
    process.off('SIGTERM', pass)
    process.off('SIGINT', ignore)
  })
}
