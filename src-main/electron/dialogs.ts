import { extname } from 'node:path'
import { dialog, type BrowserWindow, type FileFilter, type OpenDialogOptions } from 'electron'
import { translate, type Locale } from '../contract/messages/messages.ts'

/** Endings of the pictures that the engine reads, without their dots. */
export const pictureExtensions = 'jpg jpeg jpe jfif png webp tif tiff avif gif bmp dib pnm ppm pgm pbm'.split(
  ' ',
)

/** The system's file dialogs, in front of the window. Each gives the paths that were chosen: none when it was left. */
export function createDialogs(window: BrowserWindow, locale: () => Locale) {
  const filter = (kind: 'pictures' | 'networks'): FileFilter =>
    kind === 'pictures'
      ? { name: translate(locale(), 'dialog.pictures'), extensions: pictureExtensions }
      : { name: translate(locale(), 'dialog.networks'), extensions: ['onnx'] }

  async function open(options: OpenDialogOptions): Promise<string[]> {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, options)
    return canceled ? [] : filePaths
  }

  return {
    files: (kind: 'pictures' | 'networks') =>
      open({ properties: ['openFile', 'multiSelections'], filters: [filter(kind)] }),

    folder: () => open({ properties: ['openDirectory', 'createDirectory'] }),

    /** Asks before an existing file is replaced. */
    async savePath(suggested: string): Promise<string[]> {
      const kind = extname(suggested).toLowerCase() === '.onnx' ? 'networks' : 'pictures'
      const options = { defaultPath: suggested, filters: [filter(kind)] }
      const { canceled, filePath } = await dialog.showSaveDialog(window, options)
      return canceled ? [] : [filePath]
    },
  }
}
