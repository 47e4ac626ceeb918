import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { describe, expect, it } from 'vitest'
import { thisMachine } from '../../src-main/start/electron-runtime.ts'
import { openCommand } from '../../src-main/start/open-page.ts'
import { openWindow } from '../../src-main/start/open-window.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()

async function program(name: string, script: string): Promise<string> {
  await mkdir(temporary(), { recursive: true })
  await writeFile(temporary(name), `#!/bin/sh\n${script}\n`)
  await chmod(temporary(name), 0o755)
  return temporary(name)
}

// The programs are shell scripts.
describe.skipIf(platform() === 'win32')('a runtime', () => {
  it('is asked for its version as Node', async () => {
    const file = await program('good', '[ "$ELECTRON_RUN_AS_NODE" = 1 ] && echo 45.4.1')
    expect(thisMachine().isExecutable(file)).toBe(true)
    expect(await thisMachine().probe(file)).toBe('45.4.1')
  })

  it.each([
    ['fails', 'exit 1'],
    ['is no Electron', 'echo undefined'],
    ['says its version and crashes', 'echo 45.4.1; exit 139'],
  ])('that %s is none', async (name, script) => {
    expect(await thisMachine().probe(await program(name, script))).toBeNull()
  })

  it('that is not there is none', async () => {
    expect(thisMachine().isExecutable(temporary('gone'))).toBe(false)
    expect(await thisMachine().probe(temporary('gone'))).toBeNull()
  })
})

describe.skipIf(platform() === 'win32')('openWindow', () => {
  it('gives the exit code of a window that was closed', async () => {
    expect(await openWindow(await program('closed', 'exit 0'), [])).toBe(0)
  })

  it('passes the product’s folder and the files', async () => {
    const file = await program('arguments', `printf '%s\\n' "$@" > "${temporary('given')}"`)
    await openWindow(file, ['/a b.jpg', '/$(x).jpg'])
    const [product, ...files] = (await readFile(temporary('given'), 'utf8')).trimEnd().split('\n')
    expect(await readFile(`${product!}/package.json`, 'utf8')).toContain('"latent-darkroom"')
    expect(files).toEqual(['/a b.jpg', '/$(x).jpg'])
  })

  it.each([
    ['a missing library', 'exit 127'],
    ['a sandbox that cannot be', 'kill -TRAP $$'],
  ])('says that none could be opened: %s', async (name, script) => {
    expect(await openWindow(await program(name, script), [])).toBeNull()
  })

  it('says so where the program cannot be started', async () => {
    expect(await openWindow(temporary('gone'), [])).toBeNull()
  })
})

describe('openCommand', () => {
  it.each([
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
    ['win32', 'rundll32.exe'],
  ] as const)('on %s is a program, which gets the address as one argument', (platform, program) => {
    const url = 'http://127.0.0.1:1/?token=a&b=$(c)'
    const [command, args] = openCommand(platform, url)
    expect(command).toBe(program)
    expect(args.at(-1)).toBe(url)
  })
})
