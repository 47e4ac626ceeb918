import { dirname } from 'node:path'
import { nativeImage, shell as system, type BrowserWindow, type NativeImage } from 'electron'
import type { Engine } from '../contract/engine.ts'
import type { Shell, ShellEvent, ShellInfo } from '../contract/shell.ts'
import type { Grants } from '../host/grants.ts'
import type { PreferencesFile } from '../host/preferences.ts'
import { shippedFiles } from '../host/shell-info.ts'
import { copyPng, pastedPng } from './compat.ts'
import type { createDialogs } from './dialogs.ts'
import type { Pasted } from './pasted.ts'

export interface ShellOptions {
  window: BrowserWindow
  engine: Pick<Engine, 'thumbnail' | 'screenImage'>
  dialogs: ReturnType<typeof createDialogs>
  preferences: PreferencesFile
  grants: Grants
  pasted: Pasted
  info: ShellInfo
  logFolder: string
  /** The program's icon: what is dragged when a picture gives no small one. */
  icon: string
}

export interface DesktopShell extends Shell {
  /** Tells the page something. */
  tell(event: ShellEvent): void
  /** Opens what the person asked for from outside of the window; keeps it for a page that is not there yet. */
  open(paths: string[]): Promise<void>
  /** The person dropped or pasted this: the page may ask for its grant. */
  noteDropped(path: string): void
}

/** Longest side of what is seen while a picture is dragged, in pixels. */
const dragSide = 96

/** What the desktop does for the page. */
export function createShell(options: ShellOptions): DesktopShell {
  const { window, engine, dialogs, preferences, grants, pasted, info } = options
  const listeners = new Set<(event: ShellEvent) => void>()
  const dropped = new Set<string>()
  let waiting: string[] = []

  grants.give(shippedFiles(info))
  const tell = (event: ShellEvent): void => {
    for (const listener of listeners) listener(event)
  }
  preferences.subscribe((changed) => tell({ event: 'preferences', preferences: changed }))

  return {
    tell,
    noteDropped: (path) => void dropped.add(path),
    async open(named) {
      if (named.length === 0) return
      const paths = await grants.add(named)
      if (listeners.size === 0) waiting.push(...paths)
      else tell({ event: 'open', paths })
    },

    info: () => Promise.resolve(info),
    preferences: () => Promise.resolve(preferences.get()),
    async setPreferences(change) {
      // It is granted when the program is opened again.
      const out = change.settings?.out
      if (out) await grants.checkOutput(out)
      return preferences.change(change)
    },

    chooseFiles: async (kind) => grants.add(await dialogs.files(kind ?? 'pictures')),
    chooseFolder: async () => (await grants.add(await dialogs.folder()))[0] ?? null,
    async chooseSavePath(suggested) {
      const [path] = await grants.add(await dialogs.savePath(suggested))
      // The queue is told a folder and a name.
      grants.giveOutputs([path && dirname(path)])
      return path ?? null
    },
    async grant(paths) {
      for (const path of paths) if (!dropped.has(path)) await grants.check(path)
      return grants.add(paths)
    },

    async reveal(path) {
      await grants.check(path)
      system.showItemInFolder(path)
    },
    async copyImage(path) {
      await grants.check(path)
      // Chromium reads PNG and JPEG; the engine whatever it writes.
      await copyPng((await engine.screenImage({ path })).bytes)
    },
    async pastePicture() {
      const png = await pastedPng()
      if (png === null) return null
      const [path] = await grants.add([await pasted.keep(png)])
      return path!
    },
    async dragOut(path) {
      await grants.check(path)
      window.webContents.startDrag({ file: path, icon: await dragIcon(path) })
    },
    async openLogs() {
      await system.openPath(options.logFolder)
    },

    takeOpened() {
      const paths = waiting
      waiting = []
      return Promise.resolve(paths)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  async function dragIcon(path: string): Promise<NativeImage> {
    try {
      const { bytes } = await engine.thumbnail({ path, side: dragSide })
      const image = nativeImage.createFromBuffer(Buffer.from(bytes))
      if (!image.isEmpty()) return image
    } catch {
      // A drag without a picture of its own is still a drag.
    }
    return nativeImage.createFromPath(options.icon).resize({ width: dragSide, height: dragSide })
  }
}
