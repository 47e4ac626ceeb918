import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { NativeManifest } from '../backend/native-install.ts'
import { unpackZip } from '../storage/zip-read.ts'
import { pinsOf, type Kind, type Pin } from './pins.ts'
import { run } from './tools.ts'

/** Where things are put together: `staged` becomes the engine's folder, `scratch` is thrown away. */
export interface Site {
  parts: string
  staged: string
  scratch: string
  signal: AbortSignal
}

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

/** Members of TensorFlow's wheel that are used: the libraries, notices, and headers of the C API. */
const wheelMembers = [
  ...libraries.map((name) => `tensorflow/${name}`),
  'tensorflow/THIRD_PARTY_NOTICES.txt',
  'tensorflow/include/LICENSE',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/c/',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
]

/** Of NVIDIA's wheels: the libraries, which TensorFlow's look for in `../nvidia/<name>/lib` (their run path), and licences. */
const nvidiaMember = /^nvidia\/[^/]+\/lib\/[^/]+\.so[^/]*$|\.dist-info\/(licenses\/)?license[^/]*$/i

/** Puts everything that was fetched where it belongs. */
export async function unpack(kind: Kind, site: Site): Promise<void> {
  const { staged, scratch } = site
  const modules = join(staged, 'node_modules')
  await unpackNpm(kind.addon.tfjsNode, join(modules, '@tensorflow/tfjs-node'), site)
  await unpackNpm(kind.addon.protobuf, join(modules, 'google-protobuf'), site)
  await unpackNpm(kind.addon.nodeApi, join(scratch, 'node-api'), site)
  await writeModule('@tensorflow/tfjs', "module.exports = require('@tensorflow/tfjs-core')\n", modules)
  await writeModule('@tensorflow/tfjs-core', '// The program puts its own in here (native.ts).\n', modules)

  const wheel = join(scratch, 'wheel')
  await unpackWheel(kind.tensorflow, wheel, site, (name) =>
    wheelMembers.some((member) => name.startsWith(member)),
  )
  const from = join(wheel, 'tensorflow')
  await mkdir(join(staged, 'lib'))
  for (const name of libraries) await rename(join(from, name), join(staged, 'lib', name))
  await rename(join(from, 'include/LICENSE'), join(staged, 'LICENSE-tensorflow'))
  await rename(join(from, 'THIRD_PARTY_NOTICES.txt'), join(staged, 'THIRD_PARTY_NOTICES-tensorflow.txt'))
  for (const pin of kind.nvidia) await unpackWheel(pin, staged, site, (name) => nvidiaMember.test(name))
  if (kind.cuda) await linkNvidia(join(staged, 'nvidia'))
}

/**
 * Stands in for a package that tfjs-node asks for: with copies of its own, its tensors and kernels would be strangers to ours. Of the
 * union package `@tensorflow/tfjs` its backend uses tfjs-core's names only.
 */
async function writeModule(name: string, code: string, modules: string): Promise<void> {
  const folder = join(modules, name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), `{ "name": "${name}", "main": "index.cjs" }\n`)
  await writeFile(join(folder, 'index.cjs'), code)
}

/**
 * Two libraries lie where those that open them do not look: of TensorFlow's, only one knows the folder of cuSOLVER, and not the one that
 * opens it; cuDNN looks for NVRTC in `nvrtc`. From the links, the neighbours of both are found as from where they are.
 */
async function linkNvidia(folder: string): Promise<void> {
  await symlink('../../cusolver/lib/libcusolver.so.11', join(folder, 'cusparse/lib/libcusolver.so.11'))
  await symlink('cuda_nvrtc', join(folder, 'nvrtc'))
}

async function unpackNpm({ file }: Pin, folder: string, { parts, signal }: Site): Promise<void> {
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xzf', join(parts, file), '-C', folder, '--strip-components=1'], { signal })
}

const unpackWheel = (
  { file }: Pin,
  folder: string,
  { parts, signal }: Site,
  isUsed: (name: string) => boolean,
): Promise<void> =>
  unpackZip(join(parts, file), folder, {
    place: (name) => (isUsed(name) ? name : null),
    signal,
    onProgress: () => undefined,
  })

/** Strips the libraries and builds tfjs-node's addon against them. @throws staging-failed with what the compiler said */
export async function build(kind: Kind, { staged, scratch, signal }: Site): Promise<void> {
  const linked = libraries.map((name) => join(staged, 'lib', name))
  const tfjsNode = join(staged, 'node_modules/@tensorflow/tfjs-node')
  try {
    await run('strip', ['--strip-unneeded', ...linked], { signal })
    // Node-API is stable across Node versions: one addon serves all. libtensorflow_cc exports the C API too.
    await run(
      'g++',
      [
        ...[
          '-std=c++17',
          '-O2',
          '-fPIC',
          '-shared',
          '-DNAPI_VERSION=8',
          '-DNODE_GYP_MODULE_NAME=tfjs_binding',
        ],
        `-I${join(scratch, 'node-api/include')}`,
        `-I${join(scratch, 'wheel/tensorflow/include')}`,
        ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name)),
        ...linked,
        '-Wl,-rpath,$ORIGIN/lib',
        ...['-o', join(staged, 'tfjs_binding.node')],
      ],
      { signal },
    )
    // npm's archives hold files that only their owner may read.
    await run('chmod', ['-R', 'a+rX', staged], { signal })
  } catch (thrown) {
    signal.throwIfAborted()
    throw failure(thrown)
  }
  await writeFile(join(staged, 'manifest.json'), `${JSON.stringify(manifestOf(kind), null, 2)}\n`)
}

export const manifestOf = (kind: Kind): NativeManifest => ({
  platform: process.platform,
  arch: process.arch,
  version: kind.tensorflow.version,
  cuda: kind.cuda,
  pins: pinsOf(kind).map(({ name, version, hash }) => ({ name, version, hash })),
})

/** Loads the addon once, in a process of its own: what cannot be loaded must not take this one with it. @throws staging-failed */
export async function tryLoading(staged: string, signal: AbortSignal): Promise<void> {
  const probe = `console.log(require(${JSON.stringify(join(staged, 'tfjs_binding.node'))}).TF_Version)`
  await run(process.execPath, ['-e', probe], { signal }).catch((thrown: unknown) => {
    signal.throwIfAborted()
    throw failure(thrown)
  })
}

/** The first error that a tool told. */
function failure(thrown: unknown): DarkroomError {
  const { stderr = '', message } = thrown as Error & { stderr?: string }
  const line = stderr.split('\n').find((text) => /error/i.test(text)) ?? message
  return new DarkroomError('staging-failed', { received: line.trim().slice(0, 300) }, thrown)
}
