import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Engine } from '../src-main/contract/engine.ts'
import type { EngineChoice } from '../src-main/contract/engines.ts'
import type { JobEvent, JobInput } from '../src-main/contract/jobs.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { readPictures, type Picture } from '../src-main/engine/data/images.ts'
import { openDenoiser } from '../src-main/engine/inference/network.ts'
import { programHome } from '../src-main/engine/storage/home.ts'
import { readModel } from '../src-main/engine/storage/models.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The middle of an odd number of values, the upper of the two middle ones of an even number. */
export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
}

export const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** One line that says where figures were taken. */
export const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} threads, Node ${process.version}`

/** Runs a Python script of the benchmarks with the interpreter in $DARKROOM_PYTHON (or python3); its JSON lines. */
export function python<T>(script: string, args: string[]): T[] {
  const run = spawnSync(process.env['DARKROOM_PYTHON'] ?? 'python3', [`${root}bench/${script}`, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (run.status !== 0)
    throw new Error(
      `bench/${script} failed (${run.status ?? 'not started'}). It needs bench/python/requirements.txt; set DARKROOM_PYTHON to the interpreter that has them.`,
    )
  return run.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T)
}

/** Prints a Markdown table, as `docs/benchmarks.md` holds it. */
export function printTable(header: string[], rows: (string | number)[][]): void {
  const line = (cells: (string | number)[]): string => `| ${cells.join(' | ')} |`
  console.log([line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'))
}

/** The image files below a folder that match, sorted by path. */
export async function filesBelow(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))
}

export interface RgbPicture {
  width: number
  height: number
  /** RGB, interleaved. */
  data: Uint8Array
}

/** A benchmark's picture. @throws where it is not 8-bit RGB */
export async function readRgb(file: string): Promise<RgbPicture> {
  const [{ width, height, channels, data }] = (await readPictures(file)) as [Picture]
  if (channels !== 3 || !(data instanceof Uint8Array)) throw new Error(`${file} is not 8-bit RGB`)
  return { width, height, data }
}

/** A shipped network, open on the default engine, and how it is built. */
export async function openPhoto(id = 'photo', engine: EngineChoice = 'auto') {
  const folders = { assets: join(root, 'assets'), home: programHome() }
  const [backend, model] = await Promise.all([openBackend(engine), readModel(id, folders)])
  return {
    backend,
    denoiser: await openDenoiser(backend, model),
    bytes: model.bytes!,
    spec: model.card!.spec,
  }
}

/** Runs a job; its last word. */
export async function runJob(engine: Engine, job: JobInput): Promise<JobEvent> {
  const ended = new Map<string, JobEvent>()
  let wake = (): void => undefined
  const stop = engine.subscribe((event) => {
    if (!('id' in event) || !['done', 'failed', 'cancelled'].includes(event.event)) return
    ended.set(event.id, event)
    wake()
  })
  const id = await engine.start(job)
  while (!ended.has(id)) await new Promise<void>((resolve) => (wake = resolve))
  stop()
  return ended.get(id)!
}
