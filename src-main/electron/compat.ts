import {
  app,
  clipboard,
  ClipboardItem,
  nativeImage,
  protocol,
  type NativeImage,
  type WebUtils,
} from 'electron'

// What differs between the Electron that is shipped and 22, the oldest that the smoke tests run: nothing else in this
// folder may ask for a version.

export interface PageResponse {
  status: number
  headers: Record<string, string>
  body: Buffer
}

interface OldProtocol {
  registerBufferProtocol(
    scheme: string,
    respond: (
      request: { url: string },
      answer: (response: { statusCode: number; headers: Record<string, string>; data: Buffer }) => void,
    ) => void,
  ): boolean
}

/** Answers a scheme's requests. `protocol.handle` came with Electron 25. */
export function serveScheme(scheme: string, respond: (url: string) => Promise<PageResponse>): void {
  if ('handle' in protocol) {
    protocol.handle(scheme, async (request) => {
      const { status, headers, body } = await respond(request.url)
      return new Response(new Uint8Array(body), { status, headers })
    })
    return
  }
  const old = protocol as OldProtocol
  old.registerBufferProtocol(scheme, (request, answer) => {
    void respond(request.url).then(({ status, headers, body }) =>
      answer({ statusCode: status, headers, data: body }),
    )
  })
}

/** Path of a file that was dropped or chosen in the page; empty for one that the page made. `webUtils` came with 29. */
export const pathOfFile = (webUtils: WebUtils | undefined, file: File): string =>
  webUtils === undefined ? ((file as File & { path?: string }).path ?? '') : webUtils.getPathForFile(file)

/** The language that the person reads best, as a BCP 47 tag. */
export const systemLanguage = (): string => app.getPreferredSystemLanguages()[0] ?? app.getLocale()

/** The clipboard before it could hold several formats, which came long after 22 and replaced these. */
interface OldClipboard {
  readImage(): NativeImage
  writeImage(image: NativeImage): void
}

/** Puts a picture onto the clipboard. */
export async function copyPng(png: Uint8Array): Promise<void> {
  if ('writeImage' in clipboard)
    (clipboard as unknown as OldClipboard).writeImage(nativeImage.createFromBuffer(Buffer.from(png)))
  else await clipboard.write([new ClipboardItem({ 'image/png': new Blob([new Uint8Array(png)]) })])
}

/** The picture on the clipboard as PNG, or null where there is none. */
export async function pastedPng(): Promise<Uint8Array | null> {
  if ('readImage' in clipboard) {
    const image = (clipboard as unknown as OldClipboard).readImage()
    return image.isEmpty() ? null : image.toPNG()
  }
  const item = (await clipboard.read()).find(({ types }) => types.includes('image/png'))
  return item === undefined ? null : new Uint8Array(await (await item.getType('image/png')).arrayBuffer())
}
