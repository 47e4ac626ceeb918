import { DarkroomError, ErrorDetail } from '../../src-main/contract/errors.ts'
import type { Shell } from '../../src-main/contract/shell.ts'

/** How far an upload is, in bytes and files. */
export interface UploadProgress {
  sent: number
  total: number
  file: string
}

interface NamedFile {
  /** Its path below what was dropped, with slashes. */
  name: string
  file: File
}

/**
 * Paths that the engine may open, of files and folders that were dropped, pasted or picked in the page. On the desktop they
 * are where they lie; in a browser they are uploaded to the program's own folder first, as folders if they were folders.
 *
 * @param given must be passed in the event's own turn: a browser empties it afterwards
 * @param onProgress told while files are uploaded
 */
export function takeFiles(
  given: DataTransfer | FileList,
  shell: Shell,
  onProgress: (progress: UploadProgress) => void = () => undefined,
): Promise<string[]> {
  const bridge = window.darkroom
  const files = [...('files' in given ? given.files : given)]
  if (bridge !== undefined) {
    const paths = files.map((file) => bridge.pathOf(file)).filter((path) => path !== '')
    // A picture that was copied in a program is in no file.
    const pathless = files.filter((file) => bridge.pathOf(file) === '')
    if (paths.length === 0 && pathless.length > 0)
      return Promise.reject(new DarkroomError('file-not-found', { file: pathless[0]!.name }))
    return paths.length === 0 ? Promise.resolve([]) : shell.grant(paths)
  }
  const entries = 'items' in given ? [...given.items].flatMap((item) => item.webkitGetAsEntry() ?? []) : []
  const listed =
    entries.length > 0
      ? Promise.all(entries.map((entry) => filesBelow(entry))).then((lists) => lists.flat())
      : Promise.resolve(files.map((file) => ({ name: file.webkitRelativePath || file.name, file })))
  return listed.then((all) => upload(all, onProgress))
}

/** Where a browser fetches a file that was written. */
export const downloadAddress = (path: string): string => `/download?path=${encodeURIComponent(path)}`

/** Where a browser fetches everything that was written, as one zip archive. */
export const allDownloadsAddress = '/download-all'

/** Asks for files with the browser's own dialog. Resolves to none when it is cancelled. */
export function pickFiles(options: {
  accept?: string
  multiple?: boolean
  folder?: boolean
}): Promise<FileList | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = options.accept ?? ''
  input.multiple = options.multiple ?? false
  input.webkitdirectory = options.folder ?? false
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}

async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    return [{ name: entry.fullPath.replace(/^\//, ''), file }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: NamedFile[] = []
  for (;;) {
    // A reader gives some 100 entries at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (entries.length === 0) return found
    for (const child of entries) found.push(...(await filesBelow(child)))
  }
}

/** Sends files one after another; a folder stays together. @returns the paths of what was dropped: files, and folders */
async function upload(files: NamedFile[], onProgress: (progress: UploadProgress) => void): Promise<string[]> {
  const batch = crypto.randomUUID()
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  const paths = new Set<string>()
  let before = 0
  for (const { name, file } of files) {
    const path = await send(`/upload?batch=${batch}&name=${encodeURIComponent(name)}`, file, (sent) =>
      onProgress({ sent: before + sent, total, file: name }),
    )
    before += file.size
    paths.add(droppedRoot(path, name))
  }
  return [...paths]
}

/** Of an uploaded `…/trip/a.jpg` that was dropped as `trip/a.jpg`: `…/trip`, which the queue then lists itself. */
function droppedRoot(path: string, name: string): string {
  const depth = name.split('/').length - 1
  return depth === 0
    ? path
    : path
        .split(/[/\\]/)
        .slice(0, -depth)
        .join(path.includes('\\') ? '\\' : '/')
}

/** Uploads one body. `fetch` does not tell how much of it has gone. */
function send(address: string, body: File, onSent: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onSent(loaded))
    request.addEventListener('error', () => reject(new DarkroomError('engine-crashed', { file: body.name })))
    request.addEventListener('load', () => {
      const answer = request.response as { path?: unknown; error?: unknown } | null
      if (request.status === 200 && typeof answer?.path === 'string') return resolve(answer.path)
      const parsed = ErrorDetail.safeParse(answer?.error)
      const { code, ...detail } = parsed.success
        ? parsed.data
        : { code: 'internal' as const, file: body.name, received: `HTTP ${request.status}` }
      reject(new DarkroomError(code, detail))
    })
    request.send(body)
  })
}
