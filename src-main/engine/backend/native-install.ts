import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import type { StagedNative } from '../../contract/native.ts'
import { nativeFolder } from '../storage/home.ts'

/** What staging says of what it staged: `manifest.json` in its folder. */
export const NativeManifest = z.strictObject({
  platform: z.string(),
  arch: z.string(),
  /** Version of libtensorflow. */
  version: z.string(),
  cuda: z.boolean(),
  /** Name, version and hash of every file that was fetched. */
  pins: z.array(z.strictObject({ name: z.string(), version: z.string(), hash: z.string() })),
})
export type NativeManifest = z.infer<typeof NativeManifest>

/** A native engine on this machine. */
export interface NativeInstall extends StagedNative {
  /** The folder of tfjs-node's own package. */
  tfjsNode: string
  /** The addon. */
  binding: string
  /** Whether it is ours, and not a stock package that a person installed. */
  isStaged: boolean
}

/** What was staged in a folder. @throws engine-unavailable where nothing was */
export function readManifest(folder: string): NativeManifest {
  const file = join(folder, 'manifest.json')
  if (!existsSync(file)) throw new DarkroomError('engine-unavailable', { file, expected: '`npm run native`' })
  const text: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return parseOrThrow(NativeManifest, text, 'engine-unavailable', file)
}

/** @throws engine-unavailable where nothing is staged there, or for another platform. */
export function stagedInstall(folder: string): NativeInstall {
  const { platform, arch, version, cuda } = readManifest(folder)
  if (platform !== process.platform || arch !== process.arch)
    throw new DarkroomError('engine-unavailable', {
      file: folder,
      expected: `${process.platform} ${process.arch}`,
      received: `${platform} ${arch}`,
    })
  return {
    version,
    cuda,
    folder,
    tfjsNode: join(folder, 'node_modules/@tensorflow/tfjs-node'),
    binding: join(folder, 'tfjs_binding.node'),
    isStaged: true,
  }
}

/** Those that a person may have installed beside the program, with what their own install script fetched or built. */
const stockPackages = [
  { name: '@tensorflow/tfjs-node-gpu', cuda: true },
  { name: '@tensorflow/tfjs-node', cuda: false },
]

/** Where node-pre-gyp puts the addon: the versions of Node-API that tfjs-node 4.22.0 was built for. */
const stockBindings = [9, 8, 7, 6, 5, 4, 3].map((napi) => `lib/napi-v${napi}/tfjs_binding.node`)

/** @param from a file that the package is looked up from, as Node does */
function stockInstall(from: string): NativeInstall | null {
  const require = createRequire(from)
  for (const { name, cuda } of stockPackages)
    try {
      const manifest = require.resolve(`${name}/package.json`)
      const { version } = z.object({ version: z.string() }).parse(require(manifest))
      const folder = dirname(manifest)
      const binding = stockBindings.map((path) => join(folder, path)).find(existsSync)
      if (binding === undefined) continue
      const place = { folder, tfjsNode: folder, binding }
      return { version: `tfjs-node ${version}`, cuda, ...place, isStaged: false }
    } catch {
      // Not installed.
    }
  return null
}

/**
 * The native engine of this machine: what `npm run native` staged, otherwise a stock package that is installed beside the program.
 * Loads nothing. @throws engine-unavailable where there is neither
 */
export function findNative(home: string, from = import.meta.url): NativeInstall {
  try {
    return stagedInstall(nativeFolder(home))
  } catch (thrown) {
    const stock = stockInstall(from)
    if (stock !== null) return stock
    throw thrown
  }
}
