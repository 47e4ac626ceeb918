import { spawn } from 'node:child_process'

/** The command that opens an address in the person's browser. No shell sees the address. */
export function openCommand(platform: NodeJS.Platform, url: string): [string, string[]] {
  if (platform === 'darwin') return ['open', [url]]
  // `start` is part of cmd.exe, which would take `&` and `%` for its own; this one is a program.
  if (platform === 'win32') return ['rundll32.exe', ['url.dll,FileProtocolHandler', url]]
  return ['xdg-open', [url]]
}

/** Opens an address in the person's browser. @returns whether a program to do it was found and did not fail at once */
export function openPage(url: string): Promise<boolean> {
  const [command, args] = openCommand(process.platform, url)
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    child.unref()
    // Some openers stay for as long as the browser that they started.
    const patience = setTimeout(() => resolve(true), 3000)
    child.once('error', () => resolve(false))
    child.once('exit', (code) => {
      clearTimeout(patience)
      resolve(code === 0)
    })
  })
}
