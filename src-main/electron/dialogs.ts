import { extname } from 'node:path'
import { dialog, type BrowserWindow, type FileFilter, type OpenDialogOptions } from 'electron'
import { translate, type Locale } from '../contract/messages/messages.ts'
import type { FileKind } from '../contract/shell.ts'

/** Endings of the pictures that the engine reads, without their dots. */
export const pictureExtensions = 'jpg jpeg jpe jfif png webp tif tiff avif gif bmp dib pnm ppm pgm pbm'.split(
  ' ',
)

/** Endings by kind of file. IDX files are often named without one (`train-images-idx3-ubyte`): of data, all are shown. */
const extensionsOf: Record<FileKind, string[]> = {
  pictures: pictureExtensions,
  networks: ['onnx'],
  data: ['*'],
  runs: ['zip'],
}

/** The system's file dialogs, in front of the window. Each gives the paths that were chosen: none when it was left. */
export function createDialogs(window: BrowserWindow, locale: () => Locale) {
  const filter = (kind: FileKind): FileFilter => ({
    name: translate(locale(), `dialog.${kind}`),
    extensions: extensionsOf[kind],
  })

  async function open(options: OpenDialogOptions): Promise<string[]> {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, options)
    return canceled ? [] : filePaths
  }

  return {
    files: (kind: FileKind) => open({ properties: ['openFile', 'multiSelections'], filters: [filter(kind)] }),

    folder: () => open({ properties: ['openDirectory', 'createDirectory'] }),

    /** Asks before an existing file is replaced. */
    async savePath(suggested: string): Promise<string[]> {
      const ending = extname(suggested).slice(1).toLowerCase()
      const kind = (['networks', 'runs', 'pictures'] as const).find((one) =>
        extensionsOf[one].includes(ending),
      )
      // A filter would add its ending to the name of a folder or a table.
      const options = { defaultPath: suggested, filters: kind === undefined ? [] : [filter(kind)] }
      const { canceled, filePath } = await dialog.showSaveDialog(window, options)
      return canceled ? [] : [filePath]
    },
  }
}
