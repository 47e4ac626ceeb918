import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { DarkroomError } from '../../contract/errors.ts'
import type { StagingStep } from '../../contract/native.ts'
import { readManifest, stagedInstall, type NativeInstall } from '../backend/native-install.ts'
import { outputError, temporaryName } from '../storage/atomic.ts'
import { takeLock } from '../storage/lock.ts'
import { build, manifestOf, tryLoading, unpack } from './build.ts'
import { fetchAll } from './fetch.ts'
import { freeBytes, isSupported, sizeOf } from './offer.ts'
import { partsFolder } from './parts.ts'
import { pinsOf, type Kind, type Pin } from './pins.ts'
import { missingTools } from './tools.ts'

export interface StagingOptions {
  /** Stage again what is there already. */
  force: boolean
  signal: AbortSignal
  onBytes: (done: number, total: number, current: Pin) => void
  onStep: (step: StagingStep) => void
}

/**
 * Puts the native engine into a folder, which is there whole or not at all; nothing is done where it is there already. Fetched files are
 * kept until then, beside it.
 * @throws platform-unsupported, tools-missing, disk-full, staging-busy, download-failed, staging-failed; the signal's reason
 */
export async function stage(folder: string, kind: Kind, options: StagingOptions): Promise<NativeInstall> {
  const there = current(folder, kind)
  if (there !== null && !options.force) return there
  await checkMachine(folder, kind)
  const lock = await takeLock(`${folder}.lock`, {})
  if (lock === null) throw new DarkroomError('staging-busy', { file: folder })
  try {
    await stageAlone(folder, kind, options)
    return stagedInstall(folder)
  } catch (thrown) {
    options.signal.throwIfAborted()
    throw outputError(thrown, folder)
  } finally {
    await lock.release()
  }
}

/** What is staged there, of just this kind and with these files; null otherwise. */
function current(folder: string, kind: Kind): NativeInstall | null {
  try {
    return isDeepStrictEqual(readManifest(folder), manifestOf(kind)) ? stagedInstall(folder) : null
  } catch {
    return null
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** Everything that would be in the way, before the first byte is fetched. */
async function checkMachine(folder: string, kind: Kind): Promise<void> {
  if (!isSupported())
    throw new DarkroomError('platform-unsupported', {
      expected: 'linux x64',
      received: `${process.platform} ${process.arch}`,
    })
  const missing = await missingTools()
  if (missing.length > 0)
    throw new DarkroomError('tools-missing', {
      expected: `apt-get install ${missing.map(({ packageName }) => packageName).join(' ')}`,
      received: missing.map(({ command }) => command).join(', '),
    })
  const [{ room }, free] = await Promise.all([sizeOf(kind, folder), freeBytes(folder)])
  if (room > free)
    throw new DarkroomError('disk-full', {
      file: folder,
      expected: gigabytes(room),
      received: gigabytes(free),
    })
}

async function stageAlone(folder: string, kind: Kind, options: StagingOptions): Promise<void> {
  const { signal, onBytes, onStep } = options
  const parts = partsFolder(folder)
  const pins = pinsOf(kind)
  const total = pins.reduce((sum, { bytes }) => sum + bytes, 0)
  onStep('download')
  await fetchAll(pins, parts, { signal, onBytes: (done, pin) => onBytes(done, total, pin) })

  // Below the parts, so that what a killed staging left goes with them, and on the same disk as the folder.
  const work = join(parts, temporaryName())
  const site = { parts, staged: join(work, 'staged'), scratch: join(work, 'scratch'), signal }
  try {
    for (const part of [site.staged, site.scratch]) await mkdir(part, { recursive: true })
    onStep('unpack')
    await unpack(kind, site)
    onStep('build')
    await build(kind, site)
    onStep('try')
    await tryLoading(site.staged, signal)
    await rm(folder, { recursive: true, force: true })
    await rename(site.staged, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  await rm(parts, { recursive: true, force: true })
}
