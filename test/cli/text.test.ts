import { describe, expect, it } from 'vitest'
import { displayWidth, duration, fitWidth, printable } from '../../src-main/cli/text.ts'

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['한국어', 6],
    ['写真.jpg', 8],
    ['é', 1],
    ['e\u0301', 1],
    ['📷', 2],
    ['👩‍👩‍👧', 2],
    ['σ –', 3],
    ['', 0],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('fitWidth', () => {
  it('cuts by columns, not by letters, and never in the middle of one', () => {
    expect(fitWidth('노이즈 제거', 20)).toBe('노이즈 제거')
    expect(fitWidth('노이즈 제거', 6)).toBe('노이…')
    expect(fitWidth('abcdef', 4)).toBe('abc…')
    expect(fitWidth('abcdef', 0)).toBe('')
  })
})

describe('printable', () => {
  it('takes out what could steer a terminal', () => {
    expect(printable('a\x1b[2Jb\nc')).toBe('a\ufffd[2Jb\ufffdc')
    expect(printable('사진 📷.jpg')).toBe('사진 📷.jpg')
  })
})

describe('duration', () => {
  it.each([
    [0.4, '0:00'],
    [59.6, '1:00'],
    [754, '12:34'],
    [3723, '1:02:03'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })
})
