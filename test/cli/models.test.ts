import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ModelEntry } from '../../src-main/contract/models.ts'
import { writeImages } from '../support/batch.ts'
import { darkroom, type CliRun } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { theirModel } from '../support/their-models.ts'

const temporary = temporaryFolder()
beforeAll(() => {
  vi.stubEnv('DARKROOM_HOME', temporary('home'))
})
afterAll(() => {
  vi.unstubAllEnvs()
})

async function put(name: string, bytes: Uint8Array | string): Promise<string> {
  await mkdir(dirname(temporary(name)), { recursive: true })
  await writeFile(temporary(name), bytes)
  return temporary(name)
}

const models = (...argv: string[]): Promise<CliRun> => darkroom(['models', ...argv])
const entries = async (): Promise<ModelEntry[]> => JSON.parse((await models('--json')).stdout) as ModelEntry[]

describe('darkroom models', () => {
  it('adds a network, lists it, cleans with it, renames and deletes it', async () => {
    const file = await put('Their net.onnx', theirModel({ white: 255, output: 'noise', channels: 1 }))
    const added = await models('add', file, '--title', 'Gray 25', '--licence', 'MIT')
    const use = '--layout NCHW --channels 1 --white 255 --output noise --sigma none --multiple 1'
    const lines = `gray-25: Gray 25\n  added, licence MIT\n  ${use}\n`
    expect(added).toEqual({ code: 0, stderr: '', stdout: lines })

    const list = await models()
    expect(list).toMatchObject({ code: 0, stderr: '' })
    expect(list.stdout).toMatch(/(^|\n)photo: .+\n {2}.+\n {2}noise of σ 0–55, licence Apache-2\.0\n/)
    expect(list.stdout).toContain(lines)
    expect((await entries()).map(({ id }) => id)).toEqual([
      'camera',
      'photo',
      'photo-fast',
      'zero-shot',
      'gray-25',
    ])

    await writeImages(temporary('in'), ['a.png'])
    const clean = (model: string, out: string): Promise<CliRun> =>
      darkroom(['denoise', temporary('in'), '--out', temporary(out), '--model', model, '--always'])
    expect(await clean('gray-25', 'out')).toMatchObject({ code: 0 })
    // Named by its path it is tried out on the way.
    expect(await clean(file, 'by path')).toMatchObject({ code: 0 })
    const [byId, byPath, noisy] = await Promise.all(
      ['out', 'by path', 'in'].map((folder) => readFile(temporary(folder, 'a.png'))),
    )
    expect(byId!.equals(byPath!)).toBe(true)
    expect(byId!.equals(noisy!)).toBe(false)

    const renamed = await models('rename', 'gray-25', '회색', '--json')
    expect(JSON.parse(renamed.stdout)).toMatchObject({ id: 'gray-25', title: '회색' })
    expect(await models('delete', 'gray-25')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await entries()).map(({ id }) => id)).toEqual(['camera', 'photo', 'photo-fast', 'zero-shot'])
    expect(await readdir(temporary('home', 'models'))).toEqual([])
  })

  it('takes what is stated of a network', async () => {
    const file = await put(
      'stated.onnx',
      theirModel({ output: 'noise', isLinear: true, metadata: { a: 'b' } }),
    )
    const stated = ['--white', '255', '--multiple', '16', '--description', 'Linear.', '--lang', 'ko']
    const { code, stdout } = await models('add', file, ...stated)
    const use = '--layout NCHW --channels 3 --white 255 --output noise --sigma none --multiple 16'
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `stated: stated\n  Linear.\n  추가함, 라이선스 알 수 없음\n  ${use}\n`,
    })
    await models('delete', 'stated')
  })

  it('asks for what it could not find out, and can be told', async () => {
    const file = await put('wrong.onnx', theirModel({ output: 'noise', isLinear: true }))
    const { code, stdout, stderr } = await models('add', file, '--output', 'clean')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [what, where, remedy] = stderr.split('\n')
    expect(what).toContain('could not be found out')
    expect(where).toContain(`${file}: expected white, received white 1, output clean:`)
    expect(remedy).toContain('darkroom models add')
    const told = await models('add', file, '--output', 'clean', '--white', '1', '--title', 'Told')
    expect(told).toMatchObject({ code: 0 })
    await models('delete', 'told')
  })

  it('shows a damaged model with what is wrong, and trained ones', async () => {
    await put('home/models/broken/model.json', '{')
    await put('home/runs/mine/model/model.onnx', theirModel())
    const { code, stdout } = await models()
    expect(code).toBe(0)
    expect(stdout).toContain('\nbroken: broken\n  The model file cannot be read.\n  ')
    expect(stdout).toContain('\nrun-mine: mine\n  The run folder cannot be read.\n')
  })

  it.each([
    [['add'], 'expected darkroom models add [options] <file.onnx>'],
    [['add', 'f', '--white', '100'], '--white: expected 1 | 255, received 100'],
    [['add', 'f', '--channels', '4'], '--channels: expected 1 | 3, received 4'],
    [['add', 'f', '--layout', 'CHW'], '--layout: expected NCHW | NHWC, received CHW'],
    [['add', 'f', '--title', ''], '--title: received ""'],
    [['rename', 'photo', 'Mine'], 'received photo'],
    [['rename', 'photo'], 'expected darkroom models rename [options] <id> <title>, received nothing'],
    [['frob'], 'expected darkroom models [options] [command]'],
  ])('%j is no valid argument: %s', async (argv, where) => {
    const { code, stdout, stderr } = await models(...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(where)
  })

  it('says which models there are when one is not known', async () => {
    const { code, stderr } = await models('delete', 'nothing')
    expect(code).toBe(1)
    expect(stderr).toContain('There is no such model.')
  })

  it.each([['add'], ['rename'], ['delete']])('explains %s in Korean throughout', async (command) => {
    const { stdout } = await models(command, '--help', '--lang', 'ko')
    expect(stdout).toContain('사용법:')
    expect(stdout).not.toMatch(/Usage|Options:|Arguments:|Commands:|display help|default:/)
  })
})
