import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../src-main/engine/data/csv.ts'
import { openTable } from '../../../src-main/engine/data/table.ts'
import { writeData } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let written = 0
const write = (content: string | Uint8Array, ending = '.csv'): Promise<string> =>
  writeData(file(`${written++}${ending}`), content)

async function records(content: string | Uint8Array, ending?: string): Promise<[number, ...string[]][]> {
  const found: [number, ...string[]][] = []
  for await (const { cells, line } of readCsv(await write(content, ending))) found.push([line, ...cells])
  return found
}

async function table(content: string | Uint8Array, label: string | null = null) {
  const { header, width, rows } = await openTable(await write(content), label)
  const values: number[][] = []
  const labels: (string | null)[] = []
  for await (const row of rows) {
    values.push([...row.values])
    labels.push(row.label)
  }
  return { header, width, values, labels }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => (error as { detail: unknown }).detail,
  )

describe('readCsv', () => {
  it('reads quotes, line ends of any system, a byte order mark, and passes over empty lines', async () => {
    const text = '\ufeffa,"b, ""c""\nd"\r\n\r\n 1 ,2\r3,4\n"",5'
    expect(await records(text)).toEqual([
      [1, 'a', 'b, "c"\nd'],
      [4, '1', '2'],
      [5, '3', '4'],
      [6, '', '5'],
    ])
    expect(await records(text, '.csv.gz')).toEqual(await records(text))
    expect(await records(Buffer.from(text, 'utf16le'))).toEqual(await records(text))
  })

  it.each([',', ';', '\t'])('finds the delimiter %j', async (delimiter) => {
    expect(await records(['a', '"x;y,z\t"', 'c'].join(delimiter))).toEqual([[1, 'a', 'x;y,z\t', 'c']])
  })

  it('reads lines that are cut by the pieces of the file', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},${i * 2}`)
    const found = await records(rows.join('\r\n'))
    expect(found).toHaveLength(40_000)
    expect(found.every(([line, a, b], i) => line === i + 1 && a === String(i) && b === String(2 * i))).toBe(
      true,
    )
  })

  it('names the line of a quote that is not closed, or not around a whole cell', async () => {
    expect(await failure(records('a,b\n1,"2\n3,4\n'))).toMatchObject({
      code: 'data-unreadable',
      expected: 'a closing quote',
      received: expect.stringContaining('line 2') as string,
    })
    expect(await failure(records('a,b\n1,x"2"\n'))).toMatchObject({
      received: expect.stringContaining('line 2') as string,
    })
  })

  it('refuses other text than UTF-8, and gzip that is cut off', async () => {
    expect(await failure(records(Buffer.from([0x61, 0x2c, 0xb0, 0xa1])))).toMatchObject({
      code: 'data-unreadable',
      expected: 'text in UTF-8',
    })
    const { gzipSync } = await import('node:zlib')
    const cut = await writeData(file('cut.csv'), gzipSync('1,2\n'.repeat(1000)).subarray(0, 30))
    const { rename } = await import('node:fs/promises')
    await rename(cut, `${cut}.gz`)
    const read = async (): Promise<void> => {
      for await (const record of readCsv(`${cut}.gz`)) expect(record.cells).toHaveLength(2)
    }
    expect(await failure(read())).toMatchObject({ code: 'data-unreadable', expected: 'a whole gzip file' })
  })
})

describe('openTable', () => {
  it('tells a header from values', async () => {
    expect(await table('a,b\n1,2\n')).toMatchObject({ header: ['a', 'b'], values: [[1, 2]] })
    expect(await table('name,1990,1991\n1,2,3\n')).toMatchObject({ header: ['name', '1990', '1991'] })
    expect(await table('1,2\n3,4\n')).toMatchObject({
      header: null,
      values: [
        [1, 2],
        [3, 4],
      ],
    })
    expect(await table('-1.5e-3,+2\n')).toMatchObject({ header: null, values: [[Math.fround(-0.0015), 2]] })
  })

  it('takes labels from a column by its name or number, also where they are words', async () => {
    expect(await table('class,x\nnormal,1\n,2\n', 'class')).toEqual({
      header: ['class', 'x'],
      width: 1,
      values: [[1], [2]],
      labels: ['normal', ''],
    })
    expect(await table('normal,1\nodd,2\n', '0')).toMatchObject({ header: null, labels: ['normal', 'odd'] })
    expect(await failure(table('a,b\n1,2\n', 'c'))).toMatchObject({
      code: 'labels-unusable',
      expected: 'one of 2 columns: a, b',
      received: 'c',
    })
  })

  it('reads decimal commas where semicolons part the cells', async () => {
    expect(await table('1,5;2;-0,25\n')).toMatchObject({ header: null, values: [[1.5, 2, -0.25]] })
  })

  it.each([
    ['a gap', 'a,b\n1,2\n3,\n', 'line 3, column 2 (b): nothing'],
    ['text', 'a,b\n1,2\n\n3,four\n', 'line 4, column 2 (b): four'],
    ['text in the first line', '1.5,x\n1,2\n', 'line 1, column 2: x'],
    ['NaN', '1,2\nNaN,4\n', 'line 2, column 1: NaN'],
    ['a gap in the first line', '1,\n1,2\n', 'line 1, column 2: nothing'],
    ['a number too large for 32 bits', '1,2\n1e39,2\n', 'line 2, column 1: 1e39'],
    ['a row too short', 'a,b\n1,2\n3\n', 'line 3: 1'],
    ['a row too long', '1,2\n3,4,5\n', 'line 2: 3'],
    ['hexadecimal', '1,2\n0x10,2\n', 'line 2, column 1: 0x10'],
  ])('refuses %s, naming line and column', async (_, content, received) => {
    expect(await failure(table(content))).toMatchObject({ code: 'data-unreadable', received })
  })

  it('refuses an empty file, and a column of labels without values', async () => {
    expect(await failure(table('\n\n'))).toMatchObject({ code: 'data-unreadable', received: 'no line' })
    expect(await failure(table('class\n1\n', 'class'))).toMatchObject({ code: 'data-unreadable' })
  })
})
