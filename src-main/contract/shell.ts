import { z } from 'zod'
import type { DataSource } from './dataset.ts'
import { EngineChoice } from './engines.ts'
import { DenoiseSettings } from './settings.ts'

/** What a person chose for the whole program; kept in `preferences.json` in the program's own folder. */
export const Preferences = z.strictObject({
  language: z.enum(['system', 'en', 'ko']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** A notification when the queue has ended and the window is not in front. */
  notifications: z.boolean().default(true),
  engine: EngineChoice.default('auto'),
  /** Train with the native engine, whatever cleans pictures. */
  nativeTraining: z.boolean().default(false),
  /** Threads of the engine; null: as many as there are cores. */
  threads: z.int().min(1).max(256).nullable().default(null),
  /** Settings that new pictures start with: those last used. */
  settings: DenoiseSettings.default(DenoiseSettings.parse({})),
})
export type Preferences = z.infer<typeof Preferences>
export const PreferencesChange = z.strictObject({
  language: z.enum(['system', 'en', 'ko']).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
  notifications: z.boolean().optional(),
  engine: EngineChoice.optional(),
  nativeTraining: z.boolean().optional(),
  threads: z.int().min(1).max(256).nullable().optional(),
  settings: DenoiseSettings.optional(),
})
export type PreferencesChange = z.infer<typeof PreferencesChange>

/** What the program around the page can do, so that the page shows only what works. */
export interface ShellInfo {
  kind: 'desktop' | 'browser'
  version: string
  platform: string
  /** Language of the system, as a BCP 47 tag. */
  systemLanguage: string
  /** Folder of the program's own files, its logs below it. */
  home: string
  /** Folders whose files may be named by path (browser mode); empty on the desktop, where dialogs grant. */
  roots: string[]
  /** Pictures to try, that come with the product. */
  samples: string[]
  /** Data to try training on, that come with the product; null where they are absent. */
  sampleData: DataSource | null
  /** Text of the third-party notices. */
  notices: string
}

export type ShellEvent =
  /** Files or folders that the person asked to open: arguments, a second launch, "Open with", a drop on the icon. */
  | { event: 'open'; paths: string[] }
  /** A command of the application menu. */
  | { event: 'menu'; command: MenuCommand }
  | { event: 'engine'; state: 'starting' | 'running' | 'restarting' | 'stopped' }
  | { event: 'preferences'; preferences: Preferences }

export const menuCommands = [
  'open-files',
  'open-folder',
  'save',
  'save-as',
  'save-all',
  'copy',
  'settings',
  'shortcuts',
  'about',
  'zoom-fit',
  'zoom-100',
  'zoom-in',
  'zoom-out',
] as const
export type MenuCommand = (typeof menuCommands)[number]

/** What a file dialog is for: pictures, ONNX files, IDX and CSV files (and their labels), archives of runs. */
const fileKinds = ['pictures', 'networks', 'data', 'runs'] as const
export type FileKind = (typeof fileKinds)[number]

/**
 * What the program around the page does for it: the desktop's main process, or the loopback server of browser mode (where
 * dialogs and the file manager are not to be had, those methods reject with `shell-unsupported`). Paths that these methods
 * return are granted to the engine calls of this page.
 */
export interface Shell {
  info(): Promise<ShellInfo>
  preferences(): Promise<Preferences>
  setPreferences(change: PreferencesChange): Promise<Preferences>
  /** Pictures where no kind is said. */
  chooseFiles(kind?: FileKind): Promise<string[]>
  chooseFolder(): Promise<string | null>
  /** Asks for a path to save to; the person has confirmed replacing what is there. */
  chooseSavePath(suggested: string): Promise<string | null>
  /** Grants paths that a person named or dropped; gives them back absolute. Refuses what is outside `roots` in browser mode. */
  grant(paths: string[]): Promise<string[]>
  reveal(path: string): Promise<void>
  /** Puts the picture in a file onto the clipboard. */
  copyImage(path: string): Promise<void>
  /** Writes the picture on the clipboard, which is in no file, to one (desktop); null where there is none. */
  pastePicture(): Promise<string | null>
  /** Begins to drag a file out of the window (desktop). */
  dragOut(path: string): Promise<void>
  openLogs(): Promise<void>
  /** Paths that were asked to be opened before the page listened. */
  takeOpened(): Promise<string[]>
  subscribe(listener: (event: ShellEvent) => void): () => void
}

/** Arguments of the shell's methods, checked where they arrive. */
export const shellArguments = {
  info: z.tuple([]),
  preferences: z.tuple([]),
  setPreferences: z.tuple([PreferencesChange]),
  chooseFiles: z.tuple([z.enum(fileKinds).default('pictures')]),
  chooseFolder: z.tuple([]),
  chooseSavePath: z.tuple([z.string().min(1)]),
  grant: z.tuple([z.array(z.string().min(1)).min(1)]),
  reveal: z.tuple([z.string().min(1)]),
  copyImage: z.tuple([z.string().min(1)]),
  pastePicture: z.tuple([]),
  dragOut: z.tuple([z.string().min(1)]),
  openLogs: z.tuple([]),
  takeOpened: z.tuple([]),
} satisfies Record<Exclude<keyof Shell, 'subscribe'>, z.ZodType>

/** What the desktop's preload script gives the page as `window.darkroom`; in a browser there is none. */
export interface DesktopBridge {
  kind: 'desktop'
  /**
   * Asks for a connection to the engine and the shell. It comes as a message of the window whose data is `darkroom:port`
   * and which carries one port. Ask again when it has closed.
   */
  connect(): void
  /** Path of a file or folder that was dropped or pasted, which `grant` then accepts; empty where it has none. */
  pathOf(file: File): string
}
