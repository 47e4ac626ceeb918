// Writes THIRD-PARTY-NOTICES.md from the lock file: every package that a user's installation may hold, on any platform.
//   node scripts/notices.js            write
//   node scripts/notices.js --check    fail when the file is out of date
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const target = join(root, 'THIRD-PARTY-NOTICES.md')
// Needed only to build, but their code or fonts are in the built page. The build fails for one that is missing here.
const bundled = JSON.parse(readFileSync(join(root, 'scripts/bundled-packages.json'), 'utf8'))
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

const shipped = Object.entries(packages)
  .filter(([path, entry]) => path !== '' && !entry.link)
  .map(([path, entry]) => ({ path, name: path.replace(/^.*node_modules\//, ''), ...entry }))
  .filter(({ name, dev, devOptional }) => (!dev && !devOptional) || bundled.includes(name))
  .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'))

/** Licence texts that are installed, each once, with the packages that carry it. */
const texts = new Map()
for (const { path, name, optional } of shipped) {
  const folder = join(root, path)
  if (optional || !existsSync(folder)) continue
  for (const file of readdirSync(folder).filter((entry) => /^(licen[cs]e|copying|notice)/i.test(entry))) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
    texts.set(text, [...(texts.get(text) ?? []), name])
  }
}

const rows = shipped.map(
  ({ name, version, license, optional }) =>
    `| ${name} | ${version} | ${license ?? 'see its package'} | ${optional ? 'on some platforms' : ''} |`,
)
const notices = [
  '# Third-party notices',
  '',
  'Latent Darkroom is licensed under Apache-2.0 (LICENSE). It uses these packages; each keeps its own licence.',
  'libvips, inside the `@img/sharp-libvips-*` packages, is LGPL-3.0-or-later and linked dynamically: it can be replaced.',
  'The shipped models and sample pictures state their licences beside them (`assets/`).',
  'This file is written by `npm run notices`.',
  '',
  '| package | version | licence | |',
  '| --- | --- | --- | --- |',
  ...rows,
  '',
  '## Licence texts',
  ...[...texts].flatMap(([text, names]) => [
    '',
    `### ${[...new Set(names)].join(', ')}`,
    '',
    '```text',
    text,
    '```',
  ]),
  '',
].join('\n')

if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== notices) {
    console.error('THIRD-PARTY-NOTICES.md is out of date: run `npm run notices`.')
    process.exit(1)
  }
} else writeFileSync(target, notices)
