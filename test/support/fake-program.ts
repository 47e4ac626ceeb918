import type { DoctorReport, Engine, EngineEvent } from '../../src-main/contract/engine.ts'
import type { ModelEntry } from '../../src-main/contract/models.ts'
import type { QueueItem } from '../../src-main/contract/queue.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { Preferences, type Shell, type ShellEvent, type ShellInfo } from '../../src-main/contract/shell.ts'
import type { Channel } from '../../src-main/transport/channel.ts'
import { portChannel } from '../../src-main/transport/port-channel.ts'
import { serve } from '../../src-main/transport/serve.ts'
import { fakeEngine } from './fake-engine.ts'

export interface FakeProgram {
  /** A connection of the window, over a real channel; several may be made one after another. */
  open: () => Promise<Channel>
  /** Breaks the connection that was made last, as the other side does when it dies. */
  cut(): void
  tellEngine(event: EngineEvent): void
  tellShell(event: ShellEvent): void
  /** Names of the methods that were called, and what with, in order. */
  calls: { name: string; args: unknown[] }[]
}

/** A program with an engine and a shell of which a test says what they answer; the rest rejects. */
export function fakeProgram(
  methods: { engine?: Partial<Record<keyof Engine, unknown>>; shell?: Partial<Shell> } = {},
): FakeProgram {
  const calls: FakeProgram['calls'] = []
  const engineListeners = new Set<(event: EngineEvent) => void>()
  const shellListeners = new Set<(event: ShellEvent) => void>()
  const engine = fakeEngine({
    queue: () => Promise.resolve({ items: [], paused: false, progress: null }),
    models: () => Promise.resolve([]),
    ...methods.engine,
    subscribe: listening(engineListeners),
  })
  const shell = {
    info: () => Promise.resolve(fakeInfo),
    preferences: () => Promise.resolve(Preferences.parse({})),
    takeOpened: () => Promise.resolve([]),
    ...methods.shell,
    subscribe: listening(shellListeners),
  } as unknown as Shell
  let last: { close(): void } | null = null

  return {
    open() {
      const { port1, port2 } = new MessageChannel()
      last = serve(portChannel(port1), { engine: noting(engine, calls), shell: noting(shell, calls) })
      return Promise.resolve(portChannel(port2))
    },
    cut: () => last?.close(),
    tellEngine: (event) => engineListeners.forEach((listener) => listener(event)),
    tellShell: (event) => shellListeners.forEach((listener) => listener(event)),
    calls,
  }
}

const listening =
  <Event>(listeners: Set<(event: Event) => void>) =>
  (listener: (event: Event) => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

type Methods = Record<string, (...args: unknown[]) => unknown>

const noting = <Service extends object>(service: Service, calls: FakeProgram['calls']): Service =>
  Object.fromEntries(
    Object.entries(service as Methods).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        if (name !== 'subscribe') calls.push({ name, args })
        return method(...args)
      },
    ]),
  ) as Service

export const fakeInfo: ShellInfo = {
  kind: 'desktop',
  version: '1.2.3',
  platform: 'linux',
  systemLanguage: 'ko-KR',
  home: '/home/a/darkroom',
  roots: [],
  samples: [],
  sampleData: null,
  notices: 'Notices.',
}

export const queueItem = (id: string, changes: Partial<QueueItem> = {}): QueueItem => ({
  id,
  source: `/pictures/${id}.jpg`,
  dir: '',
  settings: DenoiseSettings.parse({}),
  state: 'idle',
  image: null,
  sigma: null,
  output: null,
  written: null,
  cleaned: null,
  progress: 0,
  seconds: null,
  warnings: [],
  error: null,
  attempts: 0,
  ...changes,
})

export const modelEntry = (id: string, changes: Partial<ModelEntry> = {}): ModelEntry => ({
  id,
  title: id.toUpperCase(),
  origin: 'added',
  file: `/models/${id}.onnx`,
  bytes: 2_600_000,
  interface: { layout: 'NCHW', channels: 3, white: 1, output: 'clean', sigma: 'map', multiple: 8 },
  card: null,
  licence: null,
  description: null,
  error: null,
  ...changes,
})

const processor = { received: null, device: null, threads: 2 }

export const doctorReport: DoctorReport = {
  version: '1.2.3',
  node: 'v20.20.0',
  platform: 'linux x64 6.1',
  cpu: 'A processor',
  cores: 2,
  memory: { total: 8e9, free: 3e9, process: 2e8 },
  engines: [
    { ...processor, name: 'traced', available: true, inUse: true, version: '1.30.0', why: null },
    {
      ...processor,
      name: 'wasm',
      available: true,
      inUse: false,
      version: '1.30.0',
      why: 'engine.wasm-spare',
    },
    {
      ...processor,
      ...{ name: 'native', available: false, inUse: false, version: null, why: 'engine.native-absent' },
    },
  ],
  libraries: { sharp: '0.35.5', 'onnxruntime-node': '1.30.0' },
}
