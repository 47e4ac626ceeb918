/**
 * The pictures of `docs/latent.md`, by the commands that stand there, into `docs/latent`:
 *
 *   npx tsx bench/latent-pictures.ts <run of conv-vae> [<VAE on emoji> <DCGAN on emoji>]
 *
 * The first run must be one of the first 20,000 Fashion-MNIST images (`bench/autoencoders.ts` trains it), where it finds its data still.
 */
import { spawnSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { readRun } from '../src-main/engine/storage/runs.ts'
import { root } from './support.ts'

const [fashion, emojiVae, emojiGan] = process.argv.slice(2)
if (fashion === undefined)
  throw new Error('npx tsx bench/latent-pictures.ts <run of conv-vae> [<VAE on emoji> <DCGAN on emoji>]')

const { sources } = (await readRun(fashion)).data
const item = (place: number | string): string => `${sources[0]!}#${place}`
const [shoe, shirt, dress] = [item(2), item(45), item(6)]
const [teeShirts, pullovers] = [item('0,8,12,16,25,28,30,36,50'), item('20,22,53,73,105,126,154,164,170')]

/** Name of the picture, and the command without `--out`. */
const pictures: [name: string, command: string, ...rest: string[]][] = [
  ['map.png', 'map', fashion, ...mapData(), '--method', 'umap'],
  ['map-pca.png', 'map', fashion, ...mapData(), '--method', 'pca'],
  ['map-pixels.png', 'map', fashion, ...mapData(), '--method', 'pixels'],
  ['interpolate.png', 'interpolate', fashion, shoe, shirt, '--steps', '11', '--blend'],
  ['loop.webp', 'interpolate', fashion, shoe, shirt, dress, '--loop', '--steps', '16', '--mode', 'slerp'],
  ['traverse.png', 'traverse', fashion, '--top', '8'],
  ['traverse-components.png', 'traverse', fashion, '--along', 'components', '--from', shoe, '--top', '6'],
  ['sample.png', 'sample', fashion, '-n', '48', '--columns', '12'],
  ['sample-mixture.png', 'sample', fashion, '-n', '48', '--columns', '12', '--mixture'],
  ['sample-classes.png', 'sample', fashion, '-n', '40', '--per-class'],
  ['arithmetic.png', 'arithmetic', fashion, '--plus', pullovers, '--minus', teeShirts, ...to(8)],
  ...(emojiVae === undefined || emojiGan === undefined ? [] : ofEmoji(emojiVae, emojiGan)),
]

function mapData(): string[] {
  return [sources[0]!, '--limit', '5000']
}
function to(place: number): string[] {
  return ['--to', item(place), '--strengths', '-0.5,0,0.5,1,1.5,2']
}
function ofEmoji(vae: string, gan: string): typeof pictures {
  return [
    ['emoji-vae.png', 'sample', vae, '-n', '24', '--columns', '8', '--mixture'],
    ['emoji-dcgan.png', 'sample', gan, '-n', '24', '--columns', '8'],
    ['emoji-dcgan-seeds.png', 'interpolate', gan, '--seeds', '1,2', '--steps', '8', '--mode', 'slerp'],
    ['emoji-dcgan-traverse.png', 'traverse', gan, '--along', 'components', '--top', '2', '--steps', '8'],
  ]
}

for (const [name, command, ...rest] of pictures) {
  const out = join(root, 'docs/latent', name)
  const into = command === 'map' ? ['--png', out] : ['--out', out]
  const argv = [
    '--import',
    'tsx',
    join(root, 'src-main/cli/main.ts'),
    command,
    ...rest,
    ...into,
    '--overwrite',
  ]
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${name}: exit code ${status ?? 'none'}`)
  if (name.endsWith('.png')) await lighten(out, command === 'map')
  // What exports say names the folders of a machine: of no use in the docs, which have the commands.
  await rm(`${out}.json`, { force: true })
}

/** The pixels alone; of a map, whose dots have few colours, in a third of the bytes. */
async function lighten(file: string, isMap: boolean): Promise<void> {
  const few = { palette: true, colours: 64, dither: 0, effort: 10 }
  const png = await sharp(file)
    .png(isMap ? few : { compressionLevel: 9 })
    .toBuffer()
  await writeFile(file, png)
}
