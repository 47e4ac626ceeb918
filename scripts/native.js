// Stages the `native` engine into ./native: tfjs-node's backend over a current libtensorflow. Linux x64, CPU.
//   npm run native             nothing to do when it is staged already
//   npm run native -- --force  stage again
// Why it is done by hand, and what lies where: docs/decisions/0003-native-staging.md.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const target = join(root, 'native')

/** Everything that is fetched, by version and hash. Changing a line stages anew. */
const pins = {
  'tensorflow-cpu': {
    version: '2.21.0',
    // Any cp tag serves: libtensorflow's C API does not depend on Python.
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  '@tensorflow/tfjs-node': {
    version: '4.22.0',
    integrity:
      'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  'google-protobuf': {
    version: '3.21.4',
    integrity:
      'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
  'node-api-headers': {
    version: '1.9.0',
    integrity:
      'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
  },
}
const manifest = JSON.stringify({ platform: process.platform, arch: process.arch, pins }, null, 2) + '\n'

class Refusal extends Error {}

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** What is needed on the machine, and the Debian package that has it. */
const tools = [
  { command: 'npm', args: ['--version'], packageName: 'npm' },
  { command: 'tar', args: ['--version'], packageName: 'tar' },
  { command: 'g++', args: ['--version'], packageName: 'g++' },
  { command: 'strip', args: ['--version'], packageName: 'binutils' },
  { command: 'python3', args: ['--version'], packageName: 'python3' },
  { command: 'python3', args: ['-m', 'pip', '--version'], packageName: 'python3-pip' },
]

function checkMachine() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Refusal(
      `The native engine is built for Linux x64 only so far; this is ${process.platform} ${process.arch}. The default engine needs no staging.`,
    )
  const missing = tools.filter(({ command, args }) => {
    try {
      run(command, args)
      return false
    } catch {
      return true
    }
  })
  if (missing.length > 0)
    throw new Refusal(
      [
        'Missing:',
        ...missing.map(({ command, args }) => `  ${[command, ...args].join(' ')}`),
        `On Debian or Ubuntu: apt-get install ${missing.map(({ packageName }) => packageName).join(' ')}`,
      ].join('\n'),
    )
}

/** Fetches an npm package, checks its hash and unpacks it into `folder`. Its install scripts are not run. */
function unpackNpm(name, folder, scratch) {
  const { version, integrity } = pins[name]
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', `${name}@${version}`], scratch))
  const file = join(scratch, filename)
  const received = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  if (received !== integrity)
    throw new Refusal(`${name}@${version} is not what it was: expected ${integrity}, received ${received}`)
  mkdirSync(folder, { recursive: true })
  run('tar', ['-xzf', file, '-C', folder, '--strip-components=1'])
}

/** The members of the wheel that are used: two libraries, the notices, and the headers of the C API. */
const wheelMembers = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
  'tensorflow/include/LICENSE',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/c/',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
]

const extractMembers = `
import sys, zipfile
wheel, folder, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(tuple(prefixes))])
`

function unpackTensorflow(folder, scratch) {
  const { version, sha256 } = pins['tensorflow-cpu']
  const requirements = join(scratch, 'requirements.txt')
  writeFileSync(requirements, `tensorflow-cpu==${version} --hash=sha256:${sha256}\n`)
  const tags = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311']
  const platform = ['--platform', 'manylinux_2_27_x86_64']
  run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', ...tags, ...platform],
    ...['--require-hashes', '--dest', scratch, '--requirement', requirements],
  ])
  const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'))
  run('python3', ['-c', extractMembers, join(scratch, wheel), folder, ...wheelMembers])
}

function stage() {
  // Beside the target, so that the last step is a rename on one file system.
  const work = mkdtempSync(join(root, '.native-'))
  const staged = join(work, 'staged')
  const modules = join(staged, 'node_modules')
  const library = join(staged, 'lib')
  const scratch = join(work, 'scratch')
  try {
    for (const folder of [library, scratch]) mkdirSync(folder, { recursive: true })

    console.log('1/4 fetching tfjs-node and the headers of Node-API')
    const tfjsNode = join(modules, '@tensorflow/tfjs-node')
    unpackNpm('@tensorflow/tfjs-node', tfjsNode, scratch)
    unpackNpm('google-protobuf', join(modules, 'google-protobuf'), scratch)
    unpackNpm('node-api-headers', join(scratch, 'node-api'), scratch)
    // tfjs-node asks for the union package `@tensorflow/tfjs`, which brings a tfjs-core of its own. Of it the backend
    // uses tfjs-core's names only, so this stands in for it, and the lookup goes on to the product's own copy.
    const union = join(modules, '@tensorflow/tfjs')
    mkdirSync(union)
    writeFileSync(join(union, 'package.json'), '{ "name": "@tensorflow/tfjs", "main": "index.cjs" }\n')
    writeFileSync(join(union, 'index.cjs'), "module.exports = require('@tensorflow/tfjs-core')\n")

    console.log('2/4 fetching libtensorflow (274 MB)')
    const unpacked = join(scratch, 'wheel')
    unpackTensorflow(unpacked, scratch)
    const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
      join(library, name),
    )
    for (const [from, to] of [
      ['libtensorflow_cc.so.2', libraries[0]],
      ['libtensorflow_framework.so.2', libraries[1]],
      ['include/LICENSE', join(staged, 'LICENSE-tensorflow')],
      ['THIRD_PARTY_NOTICES.txt', join(staged, 'THIRD_PARTY_NOTICES-tensorflow.txt')],
    ])
      renameSync(join(unpacked, 'tensorflow', from), to)
    run('strip', ['--strip-unneeded', ...libraries])

    console.log('3/4 building the addon')
    // Node-API is stable across Node versions: one addon serves 20, 22 and 24. libtensorflow_cc exports the C API too.
    run('g++', [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
      `-I${join(scratch, 'node-api/include')}`,
      `-I${join(unpacked, 'tensorflow/include')}`,
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name)),
      ...libraries,
      '-Wl,-rpath,$ORIGIN/lib',
      ...['-o', join(staged, 'tfjs_binding.node')],
    ])
    writeFileSync(join(staged, 'manifest.json'), manifest)
    // npm's archives hold files that only their owner may read.
    run('chmod', ['-R', 'a+rX', staged])

    console.log('4/4 trying it')
    const probe = `console.log(require(${JSON.stringify(join(staged, 'tfjs_binding.node'))}).TF_Version)`
    const version = run(process.execPath, ['-e', probe]).trim()

    rmSync(target, { recursive: true, force: true })
    renameSync(staged, target)
    console.log(`The native engine is staged: libtensorflow ${version}. Use it with --engine native.`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const current = join(target, 'manifest.json')
const upToDate = existsSync(current) && readFileSync(current, 'utf8') === manifest
try {
  if (upToDate && !process.argv.includes('--force')) console.log('The native engine is staged already.')
  else {
    checkMachine()
    stage()
  }
} catch (error) {
  console.error(error instanceof Refusal ? error.message : `${error.message}\n${error.stderr ?? ''}`.trim())
  process.exitCode = 1
}
