// npm links the bin to a file that tsc just wrote, and tsc writes files that are not executable.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755)
