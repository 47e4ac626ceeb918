import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Engine } from '../contract/engine.ts'
import { parseOrThrow, toErrorDetail } from '../contract/errors.ts'
import { Job, type JobEvent, type JobResult } from '../contract/jobs.ts'
import type { JobContext } from './jobs/context.ts'

// Everything heavy (onnxruntime, tfjs, sharp) is imported when a job or a question needs it, so that `darkroom --help`
// and a window that opens do not wait for it.

export interface EngineOptions {
  /** Folder with the shipped models and recipes; default: the product's own. */
  assets?: string
  /** Threads for one operation; default: as many as there are cores. */
  threads?: number
  /** Told every error that fails a job or one of its files, as it was thrown; events carry only its plain data. */
  onError?: (thrown: unknown) => void
}

// This file lies two folders below the product's root both as source and as built.
const productFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

interface Manifest {
  version: string
  dependencies: Record<string, string>
}
const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest

export const productVersion = (): string => readManifest(productFile('package.json')).version

/** An engine in this process. Jobs run one after another in the order of their start: each may use all cores. */
export function createEngine(options: EngineOptions = {}): Engine {
  const assets = options.assets ?? productFile('assets')
  const backendOptions = options.threads === undefined ? {} : { threads: options.threads }
  const listeners = new Set<(event: JobEvent) => void>()
  const running = new Map<string, AbortController>()
  let queue = Promise.resolve()

  async function run(id: string, job: Job, signal: AbortSignal): Promise<void> {
    const emit: JobContext['emit'] = (news) => {
      for (const listener of listeners) listener({ id, ...news })
    }
    const context: JobContext = {
      signal,
      emit,
      assets,
      product: productVersion(),
      onError: (thrown) => options.onError?.(thrown),
      openBackend: async (choice) =>
        (await import('./backend/select.ts')).openBackend(choice, backendOptions),
    }
    try {
      signal.throwIfAborted()
      emit({ event: 'done', result: await runJob(job, context) })
    } catch (thrown) {
      if (signal.aborted) return emit({ event: 'cancelled' })
      context.onError(thrown)
      emit({ event: 'failed', error: toErrorDetail(thrown) })
    }
  }

  return {
    async doctor() {
      const { probeBackends } = await import('./backend/select.ts')
      return {
        version: productVersion(),
        node: process.version,
        platform: `${platform()} ${arch()} ${release()}`,
        cpu: cpus()[0]?.model.trim() ?? '',
        cores: cpus().length,
        memory: { total: totalmem(), free: freemem(), process: process.memoryUsage.rss() },
        engines: await probeBackends(),
        libraries: installedLibraries(),
      }
    },

    async models() {
      const { listModels } = await import('./storage/models.ts')
      return listModels(assets)
    },

    async recipes() {
      const { listRecipes } = await import('./storage/recipes.ts')
      return listRecipes(assets)
    },

    start(input) {
      return new Promise((resolve) => {
        const job = parseOrThrow(Job, input, 'argument-invalid')
        const id = randomUUID()
        const controller = new AbortController()
        running.set(id, controller)
        queue = queue.then(() => run(id, job, controller.signal)).finally(() => running.delete(id))
        resolve(id)
      })
    },

    stop(id) {
      running.get(id)?.abort()
      return Promise.resolve()
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      for (const controller of running.values()) controller.abort()
      await queue
    },
  }
}

async function runJob(job: Job, context: JobContext): Promise<JobResult> {
  switch (job.type) {
    case 'denoise':
      return (await import('./jobs/denoise.ts')).denoise(job, context)
    case 'train':
      return (await import('./jobs/train.ts')).train(job, context)
    case 'evaluate':
      return (await import('./jobs/evaluate.ts')).evaluate(job, context)
    case 'export':
      return (await import('./jobs/export.ts')).exportModel(job, context)
  }
}

/** Versions of the libraries that are installed, which may differ from those that were asked for. */
function installedLibraries(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string): [string, string][] => {
    for (const folder of require.resolve.paths(name) ?? []) {
      try {
        return [[name, readManifest(join(folder, name, 'package.json')).version]]
      } catch {
        // Not in this node_modules; the next one up may have it.
      }
    }
    return []
  }
  return Object.fromEntries(
    Object.keys(readManifest(productFile('package.json')).dependencies).flatMap(versionOf),
  )
}
