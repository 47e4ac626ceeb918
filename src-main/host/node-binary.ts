import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { DarkroomError } from '../contract/errors.ts'

/** What `engines` in package.json asks for. */
const oldest = [20, 19] as const
const expected = `Node ${oldest.join('.')} or newer`
/** A cold start from a slow disk takes a few seconds; what takes longer is not Node, ms. */
const timeLimit = 10_000

const Versions = z.object({ node: z.string(), electron: z.string().optional() })

export interface NodeSearch {
  /** Where packaging put Node; not looked at when left out. */
  packaged?: string
  env?: Record<string, string | undefined>
  /** Of this process. */
  execPath?: string
  versions?: { node: string; electron?: string }
}

/**
 * The Node binary to run the engine with: `DARKROOM_NODE`, the packaged one, the one that runs this (unless it is Electron),
 * the one that npm runs with, or the one on the PATH.
 * @throws engine-unavailable naming what to install; also when DARKROOM_NODE is set and is not what it should be.
 */
export async function findNode(search: NodeSearch = {}): Promise<string> {
  const { packaged, env = process.env, execPath = process.execPath } = search
  const versions: z.infer<typeof Versions> = search.versions ?? process.versions
  if (env['DARKROOM_NODE']) {
    const file = resolve(env['DARKROOM_NODE'])
    const failure = await whyNotNode(file, env)
    if (failure === null) return file
    throw new DarkroomError('engine-unavailable', { file, expected, received: failure })
  }
  const candidates = [
    packaged,
    ...(versions.electron === undefined ? [execPath] : []),
    env['npm_node_execpath'],
    'node',
  ].filter((candidate) => candidate !== undefined)
  const failures: string[] = []
  for (const candidate of candidates) {
    const failure = await whyNotNode(candidate, env)
    if (failure === null) return candidate
    failures.push(`${candidate}: ${failure}`)
  }
  throw new DarkroomError('engine-unavailable', {
    expected: `${expected} on the PATH or in DARKROOM_NODE`,
    received: failures.join('; '),
  })
}

/** Null for a Node that is new enough. Electron's binary can pass itself off as Node; it is asked whether it is one. */
async function whyNotNode(file: string, env: Record<string, string | undefined>): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-p', 'JSON.stringify(process.versions)'], {
      timeout: timeLimit,
      windowsHide: true,
      env: { ...env, ELECTRON_RUN_AS_NODE: undefined, NODE_OPTIONS: undefined },
    })
    const versions = Versions.parse(JSON.parse(stdout))
    if (versions.electron !== undefined) return `Electron ${versions.electron}`
    return isNewEnough(versions.node) ? null : `Node ${versions.node}`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}
