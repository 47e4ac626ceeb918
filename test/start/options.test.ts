import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../src-main/start/options.ts'

const folder = resolve('/somewhere')

describe('parseOptions', () => {
  it('asks for a window when nothing is said', () => {
    expect(parseOptions([], folder)).toEqual({
      ...{ help: false, browser: false, open: true, json: false, port: 0 },
      ...{ roots: [], files: [] },
    })
  })

  it('makes paths absolute', () => {
    expect(parseOptions(['a.jpg', '--root', 'b', '--root', resolve('/c')], folder)).toMatchObject({
      files: [resolve('/somewhere/a.jpg')],
      roots: [resolve('/somewhere/b'), resolve('/c')],
    })
  })

  it.each(['--browser', '--no-open', '--json', '--port=8123', '--root=x'])(
    '%s means browser mode',
    (option) => {
      expect(parseOptions([option], folder).browser).toBe(true)
    },
  )

  it('takes a file whose name begins with a dash after --', () => {
    expect(parseOptions(['--', '--json'], folder)).toMatchObject({
      json: false,
      files: [resolve('/somewhere/--json')],
    })
  })

  it.each([
    ['--port=x'],
    ['--port=-1'],
    ['--port=65536'],
    ['--port='],
    ['--port=1.5'],
    ['--bogus'],
    ['--json=1'],
  ])('refuses %s', (argument) => {
    expect(() => parseOptions([argument], folder)).toThrow('argument-invalid')
  })
})
