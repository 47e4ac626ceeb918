import { mkdir, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { NativeOffer, NativeSize } from '../../contract/native.ts'
import { findNative, nvidiaCards, testedInstall, type NativeInstall } from '../backend/native-install.ts'
import { keptSelfTest } from '../backend/self-test.ts'
import { nativeFolder } from '../storage/home.ts'
import { bytesKept, partsFolder } from './parts.ts'
import { kindOf, pinsOf } from './pins.ts'
import { missingTools } from './tools.ts'

/** What is unpacked beside the engine while it is built, and removed: the libraries before they are stripped, the headers. */
const scratchBytes = 700_000_000

export const isSupported = (): boolean => process.platform === 'linux' && process.arch === 'x64'

/** @param folder where it is staged */
export async function sizeOfKind(cuda: boolean, folder: string): Promise<NativeSize> {
  const kind = kindOf(cuda)
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

function installed(home: string): NativeInstall | null {
  try {
    return findNative(home)
  } catch {
    return null
  }
}

/** What there is to say before the native engine is staged. Looks at this machine only. */
export async function nativeOffer(home: string): Promise<NativeOffer> {
  const folder = nativeFolder(home)
  const [cpu, cuda, free, missing] = await Promise.all([
    sizeOfKind(false, folder),
    sizeOfKind(true, folder),
    freeBytes(folder),
    isSupported() ? missingTools() : [],
  ])
  const found = installed(home)
  return {
    obstacle: isSupported() ? null : 'native.platform',
    ...{ cpu, cuda, free, missing },
    staged: found && {
      ...{ version: found.version, cuda: found.cuda, folder: found.folder },
      selfTest: await keptSelfTest(home, testedInstall(found)),
    },
    driver: nvidiaCards().length > 0,
  }
}
