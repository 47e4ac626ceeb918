import { pickLocale } from '../contract/messages/messages.ts'
import { runStart } from './run.ts'

process.exitCode = await runStart(process.argv.slice(2), pickLocale(process.env))
