import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DarkroomError } from '../contract/errors.ts'

/** What a person asked `npm start` for. */
export interface StartOptions {
  help: boolean
  /** Browser mode, even where a desktop window can be had. */
  browser: boolean
  /** Whether browser mode opens the page by itself. */
  open: boolean
  /** One line of JSON with the address, and nothing else on the standard output. */
  json: boolean
  /** 0: any that is free. */
  port: number
  /** Absolute folders whose files the page may name by path; empty: the home folder. */
  roots: string[]
  /** Absolute paths to open. */
  files: string[]
}

const parse = (argv: string[]) =>
  parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      browser: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      root: { type: 'string', multiple: true, default: [] },
    },
  })

/**
 * @param folder that relative paths start from
 * @throws DarkroomError `argument-invalid`
 */
export function parseOptions(argv: string[], folder: string): StartOptions {
  const { values, positionals } = parseOrComplain(argv)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535 || values.port.trim() === '')
    throw new DarkroomError('argument-invalid', {
      file: '--port',
      expected: '0–65535',
      received: values.port,
    })
  return {
    help: values.help,
    // Only browser mode has these options: who gives one has asked for it.
    browser: values.browser || values['no-open'] || values.json || port !== 0 || values.root.length > 0,
    open: !values['no-open'],
    json: values.json,
    port,
    roots: values.root.map((root) => resolve(folder, root)),
    files: positionals.map((file) => resolve(folder, file)),
  }
}

function parseOrComplain(argv: string[]): ReturnType<typeof parse> {
  try {
    return parse(argv)
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error)
    throw new DarkroomError('argument-invalid', { received }, error)
  }
}
