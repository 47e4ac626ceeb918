import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'

// The engine, the command line and the loopback server are plain Node programs, compiled by tsc into `dist`. Only what
// runs inside Electron is bundled here, beside them.
export default defineConfig({
  main: {
    build: {
      outDir: 'dist/electron-main',
      rollupOptions: { input: 'src-main/electron/main.ts' },
    },
  },
  preload: {
    build: {
      outDir: 'dist/electron-preload',
      // A sandboxed preload script must be CommonJS.
      rollupOptions: {
        input: 'src-main/electron/preload.ts',
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [svelte()],
    build: {
      outDir: 'dist/renderer',
      rollupOptions: { input: 'src-renderer/index.html' },
    },
  },
})
