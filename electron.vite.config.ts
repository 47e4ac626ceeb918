import { defineConfig } from 'electron-vite'
import renderer from './vite.config.ts'

// The engine, the command line and the loopback server are plain Node programs, compiled by tsc into `dist`. Only what
// runs inside Electron is bundled here, beside them, with all that it imports: the packaged program's archive then holds
// no node_modules. CommonJS throughout: a sandboxed preload script must be, and a main script that is runs in every
// Electron. Targets are those of Electron 22, the oldest that the smoke tests run: one build is tested and shipped.
const bundle = (input: string, outDir: string) => ({
  build: {
    outDir,
    target: 'node16.17',
    externalizeDeps: false,
    rolldownOptions: { input, output: { format: 'cjs' as const, entryFileNames: '[name].cjs' } },
  },
})

export default defineConfig({
  main: bundle('src-main/electron/main.ts', 'dist/electron-main'),
  preload: bundle('src-main/electron/preload.ts', 'dist/electron-preload'),
  renderer,
})
