import { expect, it } from 'vitest'
import type { Backend, Program } from '../../../src-main/engine/backend/backend.ts'
import { denoiseRegion } from '../../../src-main/engine/inference/denoiser.ts'
import { createNetworks } from '../../../src-main/engine/preview/networks.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'

it('trains a network that learns from its page once for each page, and keeps the last two', async () => {
  let trainings = 0
  /** Programs that compute nothing: weights stay as they are, pictures too. */
  const backend: Backend = {
    ...{ name: 'traced', version: '0', threads: 1 },
    open: () => Promise.reject(new Error('not used')),
    compile(_step, { state, inputs }) {
      if ('target' in inputs) trainings++
      const program: Program = {
        run: ({ x }) => Promise.resolve({ clean: { ...x!, data: x!.data.slice() } }),
        readState: () => Promise.resolve(state),
        writeState: () => Promise.resolve(),
        dispose: () => Promise.resolve(),
      }
      return Promise.resolve(program)
    },
    close: () => Promise.resolve(),
  }
  const networks = createNetworks({
    openBackend: () => Promise.resolve(backend),
    readModel: (name) => Promise.resolve({ name, file: name, bytes: null, card: null, interface: null }),
  })
  const data = Uint8Array.from({ length: 40 * 30 }, (_, i) => i % 200)
  const page: ImagePage = { width: 40, height: 30, channels: 1, data, white: 255, black: 0, alpha: null }
  const tile = (key: string, x: number): Promise<ImagePage> =>
    networks.use(
      'zero-shot',
      (denoiser) => denoiseRegion(denoiser, page, { x, y: 0, width: 20, height: 30 }, null),
      { key, samples: () => Promise.resolve(page) },
    )
  const [left] = await Promise.all([tile('a', 0), tile('a', 20), tile('b', 0)])
  expect(trainings).toBe(2)
  expect(left.data.slice(0, 20)).toEqual(data.slice(0, 20))
  await tile('a', 0)
  expect(trainings).toBe(2)
  await tile('c', 0)
  await tile('b', 0)
  expect(trainings).toBe(4)
  await networks.close()
})
