import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DarkroomError } from '../contract/errors.ts'
import type { QueueItem } from '../contract/queue.ts'
import type { Preferences } from '../contract/shell.ts'
import { openGrants } from '../host/grants.ts'
import { guardEngine } from '../host/guard.ts'
import { takeHomeLock } from '../host/home-lock.ts'
import { openLog } from '../host/logs.ts'
import { findNode } from '../host/node-binary.ts'
import { openPreferences } from '../host/preferences.ts'
import { shellInfo, shippedFiles } from '../host/shell-info.ts'
import { superviseEngine, type SupervisedEngine } from '../host/supervise.ts'
import type { Services } from '../transport/serve.ts'
import { createAccess } from './access.ts'
import { listAssets } from './assets.ts'
import { createBrowserShell } from './browser-shell.ts'
import { pathsInUse } from './in-use.ts'
import { answerRequests, type Site } from './routes.ts'
import { acceptSockets } from './sockets.ts'
import { safeName } from './upload-name.ts'
import { openUploads } from './uploads.ts'
import { watchWritten } from './written.ts'

/** The product's folder: two above this file, as source and as built. */
const product = fileURLToPath(new URL('../..', import.meta.url))

export interface ServerOptions {
  /** The program's own folder. */
  home: string
  /** 0: any that is free. */
  port: number
  /** Absolute folders whose files the page may name by path; none: the person's home folder. */
  roots: string[]
  /** Absolute paths that the page is to open. */
  open: string[]
  /** Folder of the built page; default: the product's own. */
  page?: string
  /** Default: in a process of its own. */
  startEngine?: StartEngine
}

export type StartEngine = (
  home: string,
  preferences: Preferences,
  log: (line: string) => void,
) => Promise<SupervisedEngine>

export interface RunningServer {
  /** The address that lets a browser in. It holds a secret: print it, and write it nowhere. */
  url: string
  /** An address that lets one browser in, once. */
  oneTimeUrl(): string
  /** Ends the engine, whose queue is kept, and every connection. */
  close(): Promise<void>
}

/**
 * Browser mode: the page, and the engine behind it, on 127.0.0.1 for one person. How that person is told from every
 * other page and program is written down in docs/decisions/0009-browser-mode.md.
 *
 * @throws DarkroomError `home-in-use`, `file-not-found` (the page is not built), `argument-invalid` (the port is taken)
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const page = options.page ?? join(product, 'dist', 'renderer')
  const assets = await listAssets(page).catch((error: unknown) => {
    throw new DarkroomError('file-not-found', { file: page, expected: 'npm run build' }, error)
  })
  const server = createServer()
  // An upload takes as long as it takes.
  server.requestTimeout = 0
  const port = await listen(server, options.port)
  const closeServer = (): void => {
    server.close()
    server.closeAllConnections()
  }
  try {
    const lock = await takeHomeLock(options.home, { kind: 'browser', url: `http://127.0.0.1:${port}/` })
    try {
      const access = createAccess(port)
      const program = await openProgram(options)
      server.on('request', answerRequests({ access, assets, ...program }))
      const sockets = acceptSockets(server, access, program.services)
      return {
        url: access.url,
        oneTimeUrl: () => access.oneTimeUrl(),
        async close() {
          sockets.close()
          closeServer()
          await program.close()
          await lock.release()
        },
      }
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    closeServer()
    throw error
  }
}

/** What the requests and sockets of all pages reach. */
interface Program extends Omit<Site, 'access' | 'assets'> {
  services: Services
  close(): Promise<void>
}

async function openProgram({
  home,
  roots,
  open,
  startEngine = startProcess,
}: ServerOptions): Promise<Program> {
  const log = openLog(home, 'browser')
  const preferences = await openPreferences(home)
  const uploads = openUploads(home)
  const grants = await openGrants(roots.length > 0 ? roots : [homedir()])
  const info = await shellInfo(product, {
    kind: 'browser',
    systemLanguage: Intl.DateTimeFormat().resolvedOptions().locale,
    home,
    roots: grants.roots,
  })
  await grants.add([uploads.folder, ...shippedFiles(info), ...open])
  const engine = await startEngine(home, preferences.get(), (line) => log.write(line))
  const written = watchWritten(engine)

  const onError = (thrown: unknown): void =>
    log.write(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  const items = async (): Promise<QueueItem[]> => (await engine.queue()).items
  const outputs = async (): Promise<string[]> =>
    (await items()).flatMap(({ state, output }) => (state === 'done' && output !== null ? [output] : []))
  pathsInUse(engine)
    .then((paths) => uploads.removeOld(paths))
    .catch(onError)

  return {
    services: {
      engine: guardEngine(engine, grants),
      shell: createBrowserShell({ info, grants, preferences, engine, open }),
    },
    receive: (body, name, batch) => uploads.receive(body, name, batch),
    async requireDownloadable(path) {
      const sources = (await items()).map(({ source }) => source)
      if (sources.includes(path) || (await outputs()).includes(path) || written.has(path)) return { path }
      // Exporting a model: without a file dialog it is fetched like a result.
      const model = (await engine.models()).find(({ file }) => file === path)
      // Every trained or added one is a `model.onnx` in a folder of its own.
      if (model !== undefined) return { path, name: safeName(`${model.title}.onnx`) }
      const files = path === '' ? [] : written.below(path)
      if (files.length > 0) return { files, name: safeName(`${basename(path)}.zip`) }
      throw new DarkroomError('path-not-granted', { file: path })
    },
    outputs,
    onError,
    close: () => engine.close(),
  }
}

/** The engine in a process of its own. Always the built one: Node 20 runs no TypeScript. */
const startProcess: StartEngine = async (home, { engine, threads }, log) =>
  superviseEngine({
    node: await findNode(),
    entry: join(product, 'dist', 'host', 'engine-process.js'),
    home,
    log,
    engine,
    threads,
  })

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new DarkroomError('argument-invalid', { file: '--port', received: error.message }, error)),
    )
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
