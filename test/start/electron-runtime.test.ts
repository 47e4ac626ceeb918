import { describe, expect, it } from 'vitest'
import { candidates, findRuntime, type Machine } from '../../src-main/start/electron-runtime.ts'

/** A Linux machine with a display and the package, where the files in `runtimes` answer with their versions. */
function machine(
  runtimes: Record<string, string | null> = {},
  given: Partial<Machine> = {},
): { machine: Machine; done: string[] } {
  const done: string[] = []
  return {
    done,
    machine: {
      platform: 'linux',
      env: { DISPLAY: ':0' },
      package: '/modules/electron',
      isExecutable: (file) => file in runtimes,
      probe(file) {
        done.push(`probe ${file}`)
        return Promise.resolve(runtimes[file] ?? null)
      },
      install(folder) {
        done.push(`install ${folder}`)
        return Promise.resolve()
      },
      ...given,
    },
  }
}

const find = async (one: { machine: Machine; done: string[] }) =>
  findRuntime(one.machine, () => one.done.push('told'))

const downloaded = '/modules/electron/dist/electron'

describe('candidates', () => {
  it('are what a person names first, then what npm downloaded', () => {
    const { machine: linux } = machine(
      {},
      { env: { ELECTRON_EXEC_PATH: '/mine', ELECTRON_OVERRIDE_DIST_PATH: '/dist' } },
    )
    expect(candidates(linux)).toEqual(['/mine', '/dist/electron', downloaded])
    expect(candidates({ ...linux, env: {}, platform: 'darwin' })).toEqual([
      '/modules/electron/dist/Electron.app/Contents/MacOS/Electron',
    ])
    expect(candidates({ ...linux, env: {}, platform: 'win32' })[0]).toMatch(/electron\.exe$/)
    expect(candidates({ ...linux, env: {}, package: null })).toEqual([])
  })
})

describe('findRuntime', () => {
  it('takes the first that answers, and runs nothing that is not there', async () => {
    const one = machine(
      { '/mine': null, [downloaded]: '45.4.1' },
      { env: { DISPLAY: ':0', ELECTRON_EXEC_PATH: '/mine', ELECTRON_OVERRIDE_DIST_PATH: '/gone' } },
    )
    expect(await find(one)).toEqual({ path: downloaded, version: '45.4.1' })
    expect(one.done).toEqual(['probe /mine', `probe ${downloaded}`])
  })

  it('downloads once when none answers, and looks again', async () => {
    const runtimes: Record<string, string> = {}
    const one = machine(runtimes)
    one.machine.install = () => {
      runtimes[downloaded] = '45.4.1'
      return Promise.resolve()
    }
    expect(await find(one)).toEqual({ path: downloaded, version: '45.4.1' })
    expect(one.done).toEqual(['told', `probe ${downloaded}`])
  })

  it('says that there is none when the download brought none', async () => {
    const one = machine()
    expect(await find(one)).toEqual({ missing: 'no-runtime' })
    expect(one.done).toEqual(['told', 'install /modules/electron'])
  })

  it('downloads nothing where the package is not installed', async () => {
    const one = machine({}, { package: null })
    expect(await find(one)).toEqual({ missing: 'no-runtime' })
    expect(one.done).toEqual([])
  })

  it('does not even look without a display, on Linux', async () => {
    const one = machine({ [downloaded]: '45.4.1' }, { env: { DISPLAY: '' } })
    expect(await find(one)).toEqual({ missing: 'no-display' })
    expect(one.done).toEqual([])
  })

  it.each([
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, downloaded],
    ['win32', {}, '/modules/electron/dist/electron.exe'],
    ['darwin', {}, '/modules/electron/dist/Electron.app/Contents/MacOS/Electron'],
  ] as const)('has a display on %s with %o', async (platform, env, path) => {
    const one = machine({ [path]: '45.4.1' }, { platform, env })
    expect(await find(one)).toEqual({ path, version: '45.4.1' })
  })
})
