import { chmod, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { findNode } from '../../src-main/host/node-binary.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()
const insideElectron = { node: '20.0.0', electron: '45.0.0' }

/** A program that answers as a binary of these versions does. */
async function pretend(name: string, answer: string): Promise<string> {
  const file = temporary(name)
  await writeFile(file, `#!/bin/sh\n${answer}\n`)
  await chmod(file, 0o755)
  return file
}
const says = (versions: object): string => `echo '${JSON.stringify(versions)}'`

describe.skipIf(platform() === 'win32')('findNode', () => {
  let [recent, old, electron, silent] = ['', '', '', '']
  beforeAll(async () => {
    recent = await pretend('recent', says({ node: '22.3.0' }))
    old = await pretend('old', says({ node: '20.18.9' }))
    electron = await pretend('electron', says({ node: '22.3.0', electron: '45.0.0' }))
    silent = await pretend('silent', 'exit 1')
  })

  it('takes the one that runs this', async () => {
    expect(await findNode({ env: {} })).toBe(process.execPath)
  })

  it('takes the one that is named first', async () => {
    const env = { DARKROOM_NODE: recent, npm_node_execpath: process.execPath }
    expect(await findNode({ env, packaged: process.execPath })).toBe(recent)
  })

  it('takes the packaged one before any other of the machine', async () => {
    expect(await findNode({ env: {}, packaged: recent })).toBe(recent)
  })

  it('never takes Electron: it goes on to npm’s, and to the one on the PATH', async () => {
    const search = { execPath: electron, versions: insideElectron }
    expect(await findNode({ ...search, env: { npm_node_execpath: recent } })).toBe(recent)
    const path = `${dirname(process.execPath)}:/usr/bin:/bin`
    expect(await findNode({ ...search, env: { npm_node_execpath: electron, PATH: path } })).toBe('node')
  })

  it.each([
    ['too old', () => old, 'Node 20.18.9'],
    ['Electron', () => electron, 'Electron 45.0.0'],
    ['no Node', () => silent, '1'],
    ['not there', () => temporary('nowhere'), 'ENOENT'],
  ])('refuses one that is named and is %s', async (_, file, received) => {
    await expect(findNode({ env: { DARKROOM_NODE: file() } })).rejects.toMatchObject({
      detail: { code: 'engine-unavailable', file: file(), expected: 'Node 20.19 or newer', received },
    })
  })

  it('says what to do when there is none', async () => {
    const env = { PATH: temporary(), npm_node_execpath: old }
    await expect(findNode({ env, versions: insideElectron, packaged: silent })).rejects.toMatchObject({
      detail: {
        code: 'engine-unavailable',
        expected: expect.stringContaining('DARKROOM_NODE') as string,
        received: `${silent}: 1; ${old}: Node 20.18.9; node: ENOENT`,
      },
    })
  })
})
