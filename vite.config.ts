import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The window's page, the same for the desktop and for browser mode: `npx vite build` writes it to `dist/renderer`. */
export default defineConfig({
  root: folder('src-renderer'),
  // The page is served from the root of its own origin.
  base: '/',
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: folder('dist/renderer'),
    emptyOutDir: true,
    // The oldest Chromium that the page is tested in (Electron 22); `light-dark()` is written out for it.
    target: 'chrome108',
    cssTarget: 'chrome108',
    sourcemap: false,
    // Data URLs would need `font-src data:` in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: folder('src-renderer/index.html') },
  },
})
