import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

interface Manifest {
  dependencies: Record<string, string>
}

/** Fails the build when a package gets into it that the third-party notices do not name. */
function requireNotices(): Plugin {
  const read = (path: string): unknown => JSON.parse(readFileSync(folder(path), 'utf8'))
  const { dependencies } = read('package.json') as Manifest
  const bundled = read('scripts/bundled-packages.json') as string[]
  const noticed = new Set([...bundled, ...Object.keys(dependencies)])
  return {
    name: 'require-notices',
    generateBundle() {
      for (const id of this.getModuleIds()) {
        const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
        if (name !== undefined && !noticed.has(name))
          this.error(`${name} is in the page, but not in scripts/bundled-packages.json`)
      }
    },
  }
}

/** The window's page, the same for the desktop and for browser mode: `npx vite build` writes it to `dist/renderer`. */
export default defineConfig({
  root: folder('src-renderer'),
  // The page is served from the root of its own origin.
  base: '/',
  plugins: [svelte({ configFile: false }), requireNotices()],
  // regl compiles its commands as it runs, which the page's policy forbids.
  resolve: { alias: { regl: folder('src-renderer/views/latent/map/plain-regl.ts') } },
  build: {
    outDir: folder('dist/renderer'),
    emptyOutDir: true,
    // The oldest Chromium that the page is tested in (Electron 22); `light-dark()` is written out for it.
    target: 'chrome108',
    cssTarget: 'chrome108',
    sourcemap: false,
    // electron-vite would leave it as it is: pages of programs are usually read from the disk, this one also over HTTP.
    minify: true,
    // Data URLs would need `font-src data:` in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: folder('src-renderer/index.html'),
      // That Svelte's compiler takes most of the time is no news.
      checks: { bundlerTimings: false },
    },
  },
})
