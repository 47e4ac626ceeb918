import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const serializer = fileURLToPath(new URL('../../scripts/test-electron/serializer.cjs', import.meta.url))

/** In a process of its own: it replaces how all of a process is serialized. */
const inNode = (code: string) => promisify(execFile)(process.execPath, ['-e', code, serializer])

describe('messages of the Electron that tests run in', () => {
  it('are read by V8 as what was written', async () => {
    const { stdout } = await inNode(`
      const { deepStrictEqual } = require('node:assert')
      const v8 = require('node:v8')
      const { releaseBuffer } = v8.Serializer.prototype
      require(process.argv[1])
      require('node:assert').notStrictEqual(v8.Serializer.prototype.releaseBuffer, releaseBuffer)
      const message = {
        numbers: [0, -0, 1, -1, 2 ** 29, -(2 ** 30) + 1, 2 ** 30, 2 ** 31, 2 ** 40, 0.5, NaN, Infinity],
        constants: [undefined, null, true, false],
        'ü 한': 'x 한글 \\u{1f600} \\ud800',
        nested: [[], {}, { list: ['a', [1, [2]]] }],
        arrays: [new Uint8Array(300).fill(7), new Float32Array([1, 2.5]).subarray(1), new Int32Array([-5])],
        long: 'x'.repeat(70_000),
      }
      deepStrictEqual(v8.deserialize(v8.serialize(message)), message)
      console.log('same')`)
    expect(stdout.trim()).toBe('same')
  })

  it('are refused where they are no plain data', async () => {
    const attempt = inNode(`require(process.argv[1]); require('node:v8').serialize({ call() {} })`)
    await expect(attempt).rejects.toThrow(/no plain data/)
  })
})
