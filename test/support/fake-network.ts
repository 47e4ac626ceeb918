import type { TensorMap } from '../../src-main/contract/tensors.ts'
import type { Backend, Session } from '../../src-main/engine/backend/backend.ts'

const spec = { type: 'denoiser', channels: 3, widths: [8, 8], blocks: [1, 1] }

/** What a fake network did, in order. `sigma` on the 8-bit scale. */
export type NetworkEvent =
  | { event: 'open'; bytes: Uint8Array }
  | { event: 'run'; sigma: number; width: number; height: number }
  | { event: 'dispose' | 'close' }

/** A backend whose every model halves its input, and which writes down what is done with it. */
export function fakeBackend(): { backend: Backend; events: NetworkEvent[] } {
  const events: NetworkEvent[] = []
  const image = (channels: number) => ({ shape: [1, channels, 'H', 'W'], dtype: 'float32' })
  const session = (): Session => ({
    inputs: { noisy: image(3), sigma: image(1) },
    outputs: { denoised: image(3) },
    metadata: { spec: JSON.stringify(spec) },
    run(inputs: TensorMap) {
      const noisy = inputs['noisy']!
      const [, , height, width] = noisy.shape as [number, number, number, number]
      events.push({ event: 'run', sigma: 255 * inputs['sigma']!.data[0]!, width, height })
      return Promise.resolve({ denoised: { ...noisy, data: Float32Array.from(noisy.data, (v) => v / 2) } })
    },
    dispose() {
      events.push({ event: 'dispose' })
      return Promise.resolve()
    },
  })
  const backend: Backend = {
    name: 'traced',
    version: '0',
    threads: 1,
    compile: () => Promise.reject(new Error('not used')),
    open(bytes) {
      events.push({ event: 'open', bytes })
      return Promise.resolve(session())
    },
    close() {
      events.push({ event: 'close' })
      return Promise.resolve()
    },
  }
  return { backend, events }
}
