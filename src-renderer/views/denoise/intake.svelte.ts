import type { App } from '../../state/app.ts'
import { pickFiles, takeFiles, type UploadProgress } from '../../state/files.ts'

export interface Intake {
  /** Of an upload that goes on; null otherwise. */
  readonly upload: UploadProgress | null
  chooseFiles(): Promise<void>
  chooseFolder(): Promise<void>
  /** Files that were dropped or pasted. To be called in the event's own turn. */
  take(given: DataTransfer | FileList): Promise<void>
  paste(clipboard: DataTransfer): void
}

/** The ways by which pictures get in. */
export function createIntake({ link, notices, open, program }: App): Intake {
  let upload = $state.raw<UploadProgress | null>(null)

  async function take(given: DataTransfer | FileList): Promise<void> {
    try {
      await open(await takeFiles(given, link.shell, (progress) => (upload = progress)))
    } catch (thrown) {
      notices.fail(thrown)
    } finally {
      upload = null
    }
  }

  /** A picture that was copied, not a file: it lies nowhere that the engine could read. */
  async function takePicture(): Promise<void> {
    const path = await notices.attempt(() => link.shell.pastePicture())
    if (path !== null) await open([path])
  }

  return {
    get upload() {
      return upload
    },
    async chooseFiles() {
      if (program.isDesktop) {
        await open((await notices.attempt(() => link.shell.chooseFiles())) ?? [])
        return
      }
      const files = await pickFiles({ accept: 'image/*,.tif,.tiff,.avif,.heic', multiple: true })
      if (files !== null) await take(files)
    },
    async chooseFolder() {
      if (program.isDesktop) {
        const folder = await notices.attempt(() => link.shell.chooseFolder())
        if (folder !== null) await open([folder])
        return
      }
      const files = await pickFiles({ folder: true })
      if (files !== null) await take(files)
    },
    take,
    paste(clipboard) {
      const files = [...clipboard.files]
      if (files.length === 0) return
      if (program.isDesktop) {
        if (files.some((file) => window.darkroom?.pathOf(file) !== '')) void take(clipboard)
        else void takePicture()
        return
      }
      const named = new DataTransfer()
      for (const file of files) {
        // Browsers call every picture of the clipboard `image.png`.
        const name = file.name === 'image.png' ? 'pasted.png' : file.name
        named.items.add(new File([file], name, { type: file.type }))
      }
      void take(named.files)
    },
  }
}
