import { describe, expect, it } from 'vitest'
import { DarkroomError } from '../../src-main/contract/errors.ts'
import { uploadName } from '../../src-main/server/upload-name.ts'

describe('uploadName', () => {
  it.each([
    ['photo.jpg', ['photo.jpg']],
    ['밤 사진/여름.jpg', ['밤 사진', '여름.jpg']],
    ['👩‍🚀 é é.png', ['👩‍🚀 é é.png']],
    ['a\\b.png', ['a', 'b.png']],
    ['.hidden.jpg', ['.hidden.jpg']],
    ['..jpg', ['..jpg']],
    ['what?.jpg', ['what_.jpg']],
    ['a\u0000b\nc.jpg', ['a_b_c.jpg']],
    ['folder. /x. ', ['folder', 'x']],
    ['...', ['_']],
    ['CON', ['_CON']],
    ['con.jpg', ['_con.jpg']],
    ['NUL .tar.gz', ['_NUL .tar.gz']],
    ['lpt1.png', ['_lpt1.png']],
    ['console.png', ['console.png']],
  ])('%j becomes %j', (path, parts) => {
    expect(uploadName(path)).toEqual(parts)
  })

  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x.jpg',
    'a/../../x.jpg',
    'a\\..\\x.jpg',
    './x.jpg',
    'a//b',
    'a/',
    'C:\\x.jpg',
    'c:x.jpg',
    '\\\\server\\share\\x.jpg',
    Array.from({ length: 33 }, () => 'a').join('/'),
  ])('%j is refused', (path) => {
    expect(() => uploadName(path)).toThrow(DarkroomError)
  })

  it('shortens what no file system takes, at whole characters, and keeps the extension', () => {
    const [name] = uploadName(`${'가'.repeat(200)}.jpeg`)
    expect(Buffer.byteLength(name!)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/^가+\.jpeg$/)
    const [family] = uploadName(`${'👩‍👩‍👧‍👦'.repeat(20)}.png`)
    expect(family!.replaceAll('👩‍👩‍👧‍👦', '')).toBe('.png')
  })
})
