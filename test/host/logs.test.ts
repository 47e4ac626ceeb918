import { readFile, readdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../src-main/host/logs.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()

describe('openLog', () => {
  it('writes lines with their time, and makes the folder when there is something to say', async () => {
    const log = openLog(temporary('plain'), 'desktop')
    await expect(readdir(log.folder)).rejects.toThrow('ENOENT')
    log.write('first')
    log.write('second')
    const lines = (await readFile(log.file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => line.slice(25))).toEqual(['first', 'second'])
    expect(new Date(lines[0]!.slice(0, 24)).toISOString()).toBe(lines[0]!.slice(0, 24))
  })

  it('begins another file when one is full, and keeps three', async () => {
    const log = openLog(temporary('rotated'), 'engine', 200)
    for (let n = 0; n < 40; n++) log.write(`line ${n}`)
    expect((await readdir(log.folder)).sort()).toEqual(['engine.1.log', 'engine.2.log', 'engine.log'])
    expect(await readFile(log.file, 'utf8')).toContain('line 39\n')
    const texts = await Promise.all(
      ['engine.2.log', 'engine.1.log', 'engine.log'].map((name) =>
        readFile(temporary('rotated', 'logs', name), 'utf8'),
      ),
    )
    for (const text of texts) expect(text.length).toBeLessThan(300)
    const kept = texts.join('').trimEnd().split('\n')
    expect(kept.map((line) => Number(line.split(' ').at(-1)))).toEqual(
      kept.map((_, i) => 40 - kept.length + i),
    )
  })

  it.each([
    ['http://127.0.0.1:4000/?token=s3cret&x=1', 'token=…&x=1'],
    ['{"token":"s3cret"}', '{"token":"…"}'],
    ['Token: s3cret', 'Token: …'],
  ])('leaves the token out of %s', async (line, expected) => {
    const log = openLog(temporary('secret'), 'server')
    log.write(line)
    const text = await readFile(log.file, 'utf8')
    expect(text).toContain(expected)
    expect(text).not.toContain('s3cret')
  })

  it('cuts long lines and keeps a line one line', async () => {
    const log = openLog(temporary('long'), 'engine')
    log.write(`a\r\u001b[31mb\u0000${'x'.repeat(100_000)}`)
    const text = await readFile(log.file, 'utf8')
    expect(text.length).toBeLessThan(5000)
    expect(text.trimEnd()).not.toMatch(/\p{Cc}/u)
  })

  it('is no reason to fail when it cannot be written', async () => {
    await writeFile(temporary('file'), '')
    expect(() => openLog(temporary('file'), 'engine').write('lost')).not.toThrow()
  })
})
