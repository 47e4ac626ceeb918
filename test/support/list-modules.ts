/** Preloaded into a process: at its end, every module that was loaded stands on the error stream, one a line. */
import { createRequire, register } from 'node:module'

const hook = `
  import { writeSync } from 'node:fs'
  export async function load(url, context, next) {
    writeSync(2, url + '\\n')
    return next(url, context)
  }
`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

// Modules that are loaded by require, native ones among them, do not pass through the hook.
const { cache } = createRequire(import.meta.url)
process.on('exit', () => {
  for (const file of Object.keys(cache)) process.stderr.write(`${file}\n`)
})
