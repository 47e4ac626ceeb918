import { mkdir, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { NativeOffer, NativeSize } from '../../contract/native.ts'
import { graphicsCards } from '../backend/graphics-cards.ts'
import { findNative } from '../backend/native-install.ts'
import { keptNativeTrial, reportOf } from '../backend/trial.ts'
import { nativeFolder } from '../storage/home.ts'
import { bytesKept, partsFolder } from './parts.ts'
import { kindOf, pinsOf, type Kind } from './pins.ts'
import { missingTools } from './tools.ts'

/** What is unpacked beside the engine while it is built, and removed: the libraries before they are stripped, the headers. */
const scratchBytes = 700_000_000

export const isSupported = (): boolean => process.platform === 'linux' && process.arch === 'x64'

/** @param folder where it is staged */
export async function sizeOf(kind: Kind, folder: string): Promise<NativeSize> {
  const pins = pinsOf(kind)
  const download = pins.reduce((sum, { bytes }) => sum + bytes, 0)
  const downloaded = await bytesKept(pins, partsFolder(folder))
  return { download, downloaded, disk: kind.disk, room: download - downloaded + kind.disk + scratchBytes }
}

/** Bytes free for a folder, which need not be there. */
export async function freeBytes(folder: string): Promise<number> {
  await mkdir(dirname(folder), { recursive: true })
  const { bavail, bsize } = await statfs(dirname(folder))
  return bavail * bsize
}

/** What is there, and what its trial said; null where nothing is there. */
async function whatIsStaged(home: string): Promise<NativeOffer['staged']> {
  try {
    const { version, cuda, folder } = findNative(home)
    const trial = await keptNativeTrial({ home })
    return { version, cuda, folder, selfTest: trial && reportOf(trial) }
  } catch {
    return null
  }
}

/** Of Linux's drivers only NVIDIA's tells a version; to the Windows Subsystem for Linux the host's card is `DirectX`. */
export const hasNvidiaDriver = async (): Promise<boolean> =>
  (await graphicsCards()).some(({ name, driver }) => driver !== null || name === 'DirectX')

/** What there is to say before the native engine is staged. Looks at this machine only. */
export async function nativeOffer(home: string): Promise<NativeOffer> {
  const folder = nativeFolder(home)
  const [cpu, cuda, free, missing] = await Promise.all([
    sizeOf(kindOf(false), folder),
    sizeOf(kindOf(true), folder),
    freeBytes(folder),
    isSupported() ? missingTools() : [],
  ])
  return {
    obstacle: isSupported() ? null : 'native.platform',
    ...{ cpu, cuda, free, missing },
    staged: await whatIsStaged(home),
    driver: await hasNvidiaDriver(),
  }
}
