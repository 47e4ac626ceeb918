// The shipped network's time for one picture against PyTorch's with the same weights, in turns.
//   npx tsx bench/inference.ts [side of the picture: 512] [--engine NAME: traced]
import { parseArgs } from 'node:util'
import { compareWithTorch } from './against-torch.ts'
import { openPhoto } from './support.ts'
import { EngineChoice } from '../src-main/contract/engines.ts'
import { readOnnxWeights } from '../src-main/engine/models/onnx-weights.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', default: 'traced' } },
})
const side = Number(positionals[0] ?? 512)
const { backend, denoiser, bytes, spec } = await openPhoto('photo', EngineChoice.parse(values.engine))
const planes = Float32Array.from({ length: 3 * side * side }, (_, i) => (i % 251) / 251)

await compareWithTorch({
  ours: [
    {
      name: `${backend.name}, ${backend.version}`,
      run: () => denoiser.run(planes, { width: side, height: side }, 25),
    },
  ],
  threads: backend.threads,
  torch: ['infer', '--size', `${side}`],
  weights: readOnnxWeights(spec, bytes, 'photo.onnx'),
})
await backend.close()
