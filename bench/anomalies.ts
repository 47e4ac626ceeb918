// Anomalies by reconstruction error, beside scikit-learn on the same split in the same run: heartbeats (ECG5000) and textures (magnetic tiles).
//   DARKROOM_PYTHON=… npx tsx bench/anomalies.ts [folder of data: ../shared/data] [--only ecg|tiles] [--seeds 1,2,3,4,5] [--epochs N] [--threads 2]
// The interpreter needs bench/python/requirements.txt.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { heartbeats } from './anomalies/heartbeats.ts'
import { magneticTiles } from './anomalies/magnetic-tiles.ts'
import { machine, root } from './support.ts'
import { createEngine } from '../src-main/engine/engine.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3,4,5' },
    epochs: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})
const data = resolve(positionals[0] ?? join(root, '../shared/data'))
const home = await mkdtemp(join(tmpdir(), 'darkroom-'))
const engine = createEngine({ home, threads: Number(options.threads) })
const place = {
  ...{ engine, home, data, seeds: options.seeds.split(',').map(Number) },
  overrides: options.epochs === undefined ? [] : [`epochs=${options.epochs}`],
}
console.log(machine())
if (options.only !== 'tiles') await heartbeats(place)
if (options.only !== 'ecg') await magneticTiles(place)
await engine.close()
await rm(home, { recursive: true })
