import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Kind, Pin } from '../../src-main/engine/staging/pins.ts'
import { planZip, zipBytes } from '../../src-main/engine/storage/zip-write.ts'

const npm = `
[ "$1" = --version ] && exit 0
for name; do :; done
cp "$FAKE/registry/$(basename "\${name%@*}").tgz" . || { echo "npm error 404 $name" >&2; exit 1; }`

/** What `FAKE/slow` holds is how many seconds a download takes. */
const python = `
[ "$3" = --version ] && exit 0
while [ $# -gt 0 ]; do
  [ "$1" = --dest ] && dest=$2
  [ "$1" = --requirement ] && name=$(sed 's/==.*//' "$2")
  shift
done
[ -e "$FAKE/slow" ] && exec sleep "$(cat "$FAKE/slow")"
cp "$FAKE/registry/$name.whl" "$dest" || { echo "ERROR: No matching distribution found for $name" >&2; exit 1; }`

/** An addon that Node can load, and that does nothing. */
const compiler = `
[ "$1" = --version ] && exit 0
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
[ -e "$FAKE/broken" ] && { echo nonsense > "$out"; exit 0; }
echo 'extern "C" void* napi_register_module_v1(void*, void* exports) { return exports; }' | /usr/bin/g++ -x c++ -shared -fPIC -o "$out" -`

const scripts = { npm, python3: python, 'g++': compiler, strip: '' }

/**
 * Programs of the names that staging calls, which write down how they were called, and answer from the folder `registry`. To be put in
 * front of the path with `FAKE` set to the folder.
 */
export function writeFakeTools(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(join(folder, 'registry'))
  for (const [name, body] of Object.entries(scripts)) {
    const file = join(bin, name)
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "$FAKE/calls"${body}\n`)
    chmodSync(file, 0o755)
  }
  return bin
}

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A package of npm with one file. */
function writePackage(folder: string, name: string): Pin {
  const source = join(folder, 'sources', name)
  write(join(source, 'package/package.json'), JSON.stringify({ name }))
  const file = join(folder, 'registry', `${basename(name)}.tgz`)
  execFileSync('tar', ['-czf', file, '-C', source, 'package'])
  return pinOf('npm', name, file)
}

/** A wheel with these files. */
async function writeWheel(folder: string, name: string, files: string[]): Promise<Pin> {
  const source = join(folder, 'sources', name)
  const members = files.map((path) => ({ name: path, file: join(source, path) }))
  for (const member of members) write(member.file, member.name)
  const file = join(folder, 'registry', `${name}.whl`)
  const parts: Buffer[] = []
  for await (const part of zipBytes(await planZip(members))) parts.push(part)
  writeFileSync(file, Buffer.concat(parts))
  return pinOf('pypi', name, file)
}

function pinOf(from: Pin['from'], name: string, file: string): Pin {
  const bytes = readFileSync(file)
  const hash = createHash(from === 'npm' ? 'sha512' : 'sha256').update(bytes)
  return {
    ...{ from, name, version: '1.0.0', file: basename(file), bytes: bytes.length },
    hash: hash.digest(from === 'npm' ? 'base64' : 'hex'),
  }
}

/** A native engine of nearly nothing, in the registry of the fake tools. */
export async function fakeKind(folder: string): Promise<Kind> {
  const addon = {
    tfjsNode: writePackage(folder, '@tensorflow/tfjs-node'),
    protobuf: writePackage(folder, 'google-protobuf'),
    nodeApi: writePackage(folder, 'node-api-headers'),
  }
  const tensorflow = await writeWheel(folder, 'tensorflow', [
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/THIRD_PARTY_NOTICES.txt',
    'tensorflow/include/LICENSE',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/python/unused.py',
  ])
  const nvidia = [
    await writeWheel(folder, 'nvidia-cusparse-cu12', [
      'nvidia/cusparse/lib/libcusparse.so.12',
      'nvidia/cusparse/include/unused.h',
      'nvidia_cusparse_cu12-1.0.0.dist-info/License.txt',
    ]),
    await writeWheel(folder, 'nvidia-cusolver-cu12', ['nvidia/cusolver/lib/libcusolver.so.11']),
  ]
  return { cuda: true, addon, tensorflow, nvidia, disk: 1e6 }
}
