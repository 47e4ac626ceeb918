import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { fileSize, hashOf } from './parts.ts'
import type { Pin } from './pins.ts'
import { run } from './tools.ts'

/** Milliseconds between two looks at how much of a file is there. */
const watchInterval = 300

export interface FetchOptions {
  signal: AbortSignal
  /** @param bytes of all files so far */
  onBytes: (bytes: number, current: Pin) => void
}

/**
 * Fetches files through npm and pip, as this machine has them set up (registries, proxies, certificates), into a folder that is kept
 * until all is staged: what is there already, with the right hash, is not fetched again.
 * @throws download-failed naming the file; disk-full
 */
export async function fetchAll(pins: Pin[], parts: string, { signal, onBytes }: FetchOptions): Promise<void> {
  await mkdir(parts, { recursive: true })
  let finished = 0
  for (const pin of pins) {
    onBytes(finished, pin)
    const target = join(parts, pin.file)
    const isThere = (await fileSize(target)) === pin.bytes && (await hashOf(target, pin, signal)) === pin.hash
    if (!isThere) await fetchOne(pin, parts, { signal, onBytes: (bytes) => onBytes(finished + bytes, pin) })
    finished += pin.bytes
  }
}

/** Fetches one file into a folder of its own, and moves it to the others once its hash is right. */
async function fetchOne(pin: Pin, parts: string, options: FetchOptions): Promise<void> {
  const { signal, onBytes } = options
  const scratch = join(parts, 'partial')
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  // Neither of them tells how far it is in a way that all of its versions share; the growing file does.
  const watch = setInterval(() => {
    void bytesIn(scratch).then((bytes) => onBytes(Math.min(bytes, pin.bytes), pin))
  }, watchInterval)
  try {
    await (pin.from === 'npm' ? npmPack : pipDownload)(pin, scratch, signal)
    const file = join(scratch, pin.file)
    const received = await hashOf(file, pin, signal)
    if (received !== pin.hash)
      throw new DarkroomError('download-failed', { file: pin.file, expected: pin.hash, received })
    await rename(file, join(parts, pin.file))
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown instanceof DarkroomError ? thrown : failure(pin, thrown)
  } finally {
    clearInterval(watch)
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Its install scripts are not run. */
async function npmPack({ name, version }: Pin, scratch: string, signal: AbortSignal): Promise<void> {
  await run('npm', ['pack', '--silent', `${name}@${version}`], { cwd: scratch, signal })
}

async function pipDownload(
  { name, version, hash }: Pin,
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const requirements = join(scratch, 'requirements.txt')
  await writeFile(requirements, `${name}==${version} --hash=sha256:${hash}\n`)
  const tags = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none']
  const platforms = ['manylinux_2_27_x86_64', 'manylinux2014_x86_64'].flatMap((name) => ['--platform', name])
  await run(
    'python3',
    [
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', ...tags, ...platforms],
      // A cache would hold the same gigabytes once more.
      ...['--no-cache-dir', '--require-hashes', '--dest', scratch, '--requirement', requirements],
    ],
    { cwd: scratch, signal, env: { ...process.env, TMPDIR: scratch, PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
  )
}

async function bytesIn(folder: string): Promise<number> {
  // A folder that goes away while it is looked at.
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(names.map((name) => fileSize(join(folder, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** What npm or pip said last. */
function failure(pin: Pin, thrown: unknown): DarkroomError {
  const { stderr = '', message } = thrown as Error & { stderr?: string }
  if (/ENOSPC|no space left/i.test(stderr)) return new DarkroomError('disk-full', { file: pin.file }, thrown)
  const lines = stderr.split('\n').filter((line) => /error/i.test(line))
  const received = (lines.at(-1) ?? message).trim().slice(0, 300)
  return new DarkroomError('download-failed', { file: pin.file, received }, thrown)
}
