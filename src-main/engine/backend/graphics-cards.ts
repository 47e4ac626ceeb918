import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What the system says of a graphics card. No library of its driver is loaded to find it out. */
export interface GraphicsCard {
  name: string
  /** Version of its driver; null where the system's own version says it. */
  driver: string | null
}

/** The graphics cards of this machine; empty where none is found. */
export async function graphicsCards(): Promise<GraphicsCard[]> {
  try {
    if (process.platform === 'darwin') return [{ name: cpus()[0]?.model ?? 'Apple', driver: null }]
    return await (process.platform === 'win32' ? windowsCards() : linuxCards())
  } catch {
    return []
  }
}

/** Folders of a path; none where it is not there. */
const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

const read = async (...path: string[]): Promise<string> =>
  (await readFile(join(...path), 'utf8').catch(() => '')).trim()

/** PCI's numbers of the makers of graphics cards. https://pci-ids.ucw.cz */
const makers: Record<string, string> = { '0x1002': 'AMD', '0x8086': 'Intel', '0x10de': 'NVIDIA' }

async function linuxCards(): Promise<GraphicsCard[]> {
  const nvidia = '/proc/driver/nvidia'
  const driver = /\d+\.\d+(\.\d+)?/.exec(await read(nvidia, 'version'))?.[0] ?? null
  const cards: GraphicsCard[] = []
  for (const card of await list(join(nvidia, 'gpus'))) {
    const facts = await read(nvidia, 'gpus', card, 'information')
    cards.push({ name: /Model:\s*(.+)/.exec(facts)?.[1] ?? 'NVIDIA', driver })
  }
  const drm = '/sys/class/drm'
  for (const node of (await list(drm)).filter((name) => name.startsWith('renderD'))) {
    const [vendor, device] = [await read(drm, node, 'device/vendor'), await read(drm, node, 'device/device')]
    const maker = makers[vendor]
    // NVIDIA's own driver has named its cards above.
    if (maker === undefined || (maker === 'NVIDIA' && cards.length > 0)) continue
    cards.push({ name: `${maker} ${device}`, driver: null })
  }
  // The Windows Subsystem for Linux hands its host's card through.
  if (cards.length === 0 && existsSync('/dev/dxg')) cards.push({ name: 'DirectX', driver: null })
  return cards
}

/** Where Windows lists display adapters: a subkey for each. */
const displayAdapters = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`

async function windowsCards(): Promise<GraphicsCard[]> {
  const options = { windowsHide: true, timeout: 5_000 }
  const { stdout } = await run('reg', ['query', displayAdapters, '/s'], options).catch(
    // It fails for the subkeys that only an administrator may read, after it printed the others.
    (thrown: unknown) => ({ stdout: (thrown as { stdout?: string }).stdout ?? '' }),
  )
  return readAdapters(stdout)
}

/** Reads what `reg query` prints: an empty line between two keys, a line `name  type  value` for each value. */
export function readAdapters(text: string): GraphicsCard[] {
  return text.split(/\r?\n\r?\n/).flatMap((key) => {
    const valueOf = (name: string): string | undefined =>
      new RegExp(`^\\s+${name}\\s+REG_SZ\\s+(.+?)\\s*$`, 'm').exec(key)?.[1]
    const name = valueOf('DriverDesc')
    const isReal = name !== undefined && !/basic (display|render)/i.test(name)
    return isReal ? [{ name, driver: valueOf('DriverVersion') ?? null }] : []
  })
}
