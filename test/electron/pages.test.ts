import { resolve, sep } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { isLoadable, isOfOrigin } from '../../src-main/electron/fence.ts'
import { pageFile, pageOrigin } from '../../src-main/electron/pages.ts'

vi.mock('electron', () => ({}))

describe('pageFile', () => {
  it.each([
    ['app://darkroom/', '/page/index.html'],
    ['app://darkroom/#/denoise', '/page/index.html'],
    ['app://darkroom/assets/index-1.js?x=1', '/page/assets/index-1.js'],
    ['app://darkroom/assets/%EC%82%AC%EC%A7%84.png', '/page/assets/사진.png'],
  ])('finds %s', (url, file) => {
    expect(pageFile(url, '/page')).toBe(file)
  })

  it.each([
    'app://darkroom/../secret.json',
    'app://darkroom/%2e%2e/secret.json',
    'app://darkroom/..%2fsecret.json',
    'app://darkroom/assets/..%2f..%2fsecret.json',
    'app://darkroom/..%5csecret.json',
    'app://darkroom/%00.html',
    'app://darkroom/%zz.html',
    'app://darkroom/assets/',
    'app://darkroom/main.exe',
    'app://elsewhere/index.html',
    'file:///page/index.html',
    'nonsense',
  ])('gives nothing outside of the page for %s', (url) => {
    // What the URL parser folds away by itself names a file of the page, or none.
    const file = pageFile(url, '/page')
    expect(file === null || resolve(file).startsWith(`${resolve('/page')}${sep}`)).toBe(true)
  })
})

describe('what the page may load', () => {
  it('knows its own origin', () => {
    expect(isOfOrigin('app://darkroom/assets/a.js', pageOrigin)).toBe(true)
    for (const url of ['app://darkroom.evil/', 'https://darkroom/', 'app://other/', ''])
      expect(isOfOrigin(url, pageOrigin)).toBe(false)
  })

  it('is itself, and what it made', () => {
    for (const url of ['app://darkroom/', 'blob:app://darkroom/1', 'data:image/png;base64,'])
      expect(isLoadable(url, pageOrigin, false)).toBe(true)
  })

  it('is nothing else, unless the program is being developed', () => {
    const tools = ['devtools://devtools/bundled/a.js', 'ws://localhost:5173/?token=1']
    for (const url of [...tools, 'https://example.com/', 'file:///etc/passwd', 'http://127.0.0.1:80/'])
      expect(isLoadable(url, pageOrigin, false)).toBe(false)
    for (const url of tools) expect(isLoadable(url, 'http://localhost:5173', true)).toBe(true)
    expect(isLoadable('https://example.com/', 'http://localhost:5173', true)).toBe(false)
  })
})
