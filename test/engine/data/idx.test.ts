import { describe, expect, it } from 'vitest'
import { openIdx } from '../../../src-main/engine/data/idx.ts'
import { idxBytes, idxTypes, writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let written = 0
async function read(content: Uint8Array, ending = '.idx') {
  const { header, items } = await openIdx(await writeData(file(`${written++}${ending}`), content))
  const all: number[][] = []
  for await (const item of items) all.push([...item])
  return { dimensions: header.dimensions, all }
}
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => (error as { detail: unknown }).detail,
  )

describe('openIdx', () => {
  it.each(Object.keys(idxTypes) as (keyof typeof idxTypes)[])('reads values of type %s', async (type) => {
    const values = type === 'ubyte' ? [0, 1, 2, 253, 254, 255] : [-128, -1, 0, 1, 2, 127]
    expect(await read(idxBytes([3, 2], values, type))).toEqual({
      dimensions: [3, 2],
      all: [values.slice(0, 2), values.slice(2, 4), values.slice(4)],
    })
  })

  it('reads packed files, and items larger than a piece of the file', async () => {
    const values = Uint8Array.from({ length: 2 * 700 * 900 }, (_, i) => (i * 7) % 251)
    const { header, items } = await openIdx(
      await writeData(file('large.idx.gz'), idxBytes([2, 700, 900], values)),
    )
    expect(header.dimensions).toEqual([2, 700, 900])
    const read: Uint8Array[] = []
    for await (const item of items) read.push(Uint8Array.from(item))
    expect(Buffer.concat(read).equals(values)).toBe(true)
  })

  it('says what is wrong with a header', async () => {
    expect(await failure(read(Buffer.from('PNG!....')))).toMatchObject({
      code: 'data-unreadable',
      expected: expect.stringContaining('IDX') as string,
      received: '504e4721',
    })
    expect(await failure(read(Buffer.of(0, 0, 8)))).toMatchObject({ received: '3 bytes' })
    expect(await failure(read(Buffer.of(0, 0, 10, 1)))).toMatchObject({ received: '00000a01' })
    expect(await failure(read(idxBytes([5, 28, 28], []).subarray(0, 10)))).toMatchObject({
      expected: 'a header of 16 bytes',
      received: '10 bytes',
    })
    expect(await failure(read(idxBytes([5, 0, 28], [])))).toMatchObject({ received: 'dimensions 5 × 0 × 28' })
    expect(await failure(read(idxBytes([5, 2 ** 31, 2 ** 31], [])))).toMatchObject({
      code: 'data-unreadable',
    })
  })

  it('says where a file is cut off, or holds more than it promises', async () => {
    const whole = idxBytes([3, 2, 2], new Uint8Array(12))
    expect(await failure(read(whole.subarray(0, -3)))).toMatchObject({
      code: 'data-unreadable',
      expected: '3 items of 4 unsigned bytes, as its header says',
      received: '2 whole items',
    })
    expect(await failure(read(Buffer.concat([whole, Buffer.of(1)])))).toMatchObject({
      received: 'more bytes',
    })
  })

  it('names a file that is not there', async () => {
    expect(await failure(openIdx(file('none.idx')))).toMatchObject({
      code: 'file-not-found',
      file: file('none.idx'),
    })
  })
})
