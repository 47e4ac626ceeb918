import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, EngineEvent } from '../../../src-main/contract/engine.ts'
import { startServer } from '../../../src-main/server/server.ts'
import { idleEngine } from '../../support/server.ts'

export interface FakeServer {
  /** The address that lets a browser in. */
  url: string
  /** A folder whose files may be named. */
  folder: string
  /** What the engine tells by itself. */
  tell(event: EngineEvent): void
  close(): Promise<void>
}

/** The built page before an engine of which a test says what it answers: for what takes the network, or hours. */
export async function startFakeServer(methods: Partial<Record<keyof Engine, unknown>>): Promise<FakeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-fake-'))
  const listeners = new Set<(event: EngineEvent) => void>()
  const engine = Object.assign(idleEngine(), methods, {
    subscribe(listener: (event: EngineEvent) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  })
  const server = await startServer({
    ...{ home: join(folder, 'home'), port: 0, roots: [folder], open: [] },
    startEngine: () => Promise.resolve(engine),
  })
  return {
    url: server.url,
    folder,
    tell: (event) => listeners.forEach((listener) => listener(event)),
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
