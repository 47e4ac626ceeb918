import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

// What docs/security.md says is never used. The rest of that page is held by test/e2e/electron.test.ts.

const root = join(import.meta.dirname, '../..')
const sources = ['src-main/electron', 'src-renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|svelte|html)$/.test(file))
    .map((file) => [join(folder, file), readFileSync(join(root, folder, file), 'utf8')] as const),
)

describe('the desktop and its page', () => {
  it.each([
    ['addresses given to the system', /openExternal/],
    ['webviews', /<webview|webviewTag: true/],
    ['remote content', /loadURL\(['"`]https?:/],
    ['script from strings', /\beval\(|new Function\(|executeJavaScript|\{@html/],
    [
      'switches that weaken the browser',
      /allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|allowpopups/,
    ],
    ['files by their scheme', /loadFile\(|['"`]file:\/\/\//],
    ['the whole of the IPC', /exposeInMainWorld\([^)]*ipcRenderer/],
  ])('use no %s', (_what, pattern) => {
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.filter(([, text]) => pattern.test(text)).map(([file]) => file)).toEqual([])
  })
})
