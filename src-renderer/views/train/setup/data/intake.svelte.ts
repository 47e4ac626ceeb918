import type { App } from '../../../../state/app.ts'
import { pickFiles, takeFiles, type UploadProgress } from '../../../../state/files.ts'

export interface DataIntake {
  /** Of an upload that goes on; null otherwise. */
  readonly upload: UploadProgress | null
  /** Asks for files; resolves to none where nothing was chosen, or could not be had. */
  chooseFiles(kind?: 'data' | 'pictures'): Promise<string[]>
  chooseFolder(): Promise<string[]>
  /** Files that were dropped or pasted. To be called in the event's own turn. */
  take(given: DataTransfer | FileList): Promise<string[]>
}

/** The ways by which data get in. */
export function createDataIntake({
  link,
  notices,
  program,
}: Pick<App, 'link' | 'notices' | 'program'>): DataIntake {
  let upload = $state.raw<UploadProgress | null>(null)

  async function take(given: DataTransfer | FileList): Promise<string[]> {
    const taken = takeFiles(given, link.shell, (progress) => (upload = progress))
    const paths = await notices.attempt(() => taken)
    upload = null
    return paths ?? []
  }
  async function pick(options: Parameters<typeof pickFiles>[0]): Promise<string[]> {
    const files = await pickFiles(options)
    return files === null ? [] : take(files)
  }

  return {
    get upload() {
      return upload
    },
    chooseFiles: async (kind = 'data') =>
      program.isDesktop
        ? ((await notices.attempt(() => link.shell.chooseFiles(kind))) ?? [])
        : pick({ multiple: true, ...(kind === 'pictures' && { accept: 'image/*,.tif,.tiff,.avif,.heic' }) }),
    async chooseFolder() {
      if (!program.isDesktop) return pick({ folder: true })
      const folder = await notices.attempt(() => link.shell.chooseFolder())
      return folder === null ? [] : [folder]
    },
    take,
  }
}
