import { DarkroomError } from '../../contract/errors.ts'
import { interfaceOf, isNoise, ModelInterface, type StatedInterface } from '../../contract/models.ts'
import { denoiserStride, type DenoiserSpec } from '../../contract/architecture.ts'
import type { Backend, Session } from '../backend/backend.ts'
import { fillReach } from '../models/smooth-fill.ts'
import type { ImagePage } from '../storage/image.ts'
import type { Levels } from '../storage/levels.ts'
import { findInterface } from './dry-run.ts'
import { ownNetwork, type OwnNetwork } from './own-network.ts'
import { findPorts, runNetwork, type Ports, type Size } from './ports.ts'
import { openZeroShot } from './zero-shot.ts'

/** A denoising network, open and checked: the same from outside whatever its file wants and gives. */
export interface Denoiser {
  /**
   * Of one that is another for each page: trains the network of a page, to be disposed of by who asked. Absent of networks that are
   * the same for all pages.
   * @throws image-too-small, cancelled, memory-exhausted.
   */
  learn?: (page: ImagePage, learning: Learning) => Promise<Denoiser>
  /** How its file is used. */
  interface: ModelInterface
  /** What its file says of itself. */
  metadata: Record<string, string>
  /** Colour channels that it takes. */
  channels: 1 | 3
  /** The samples that are 0 and 1 to it, where that was measured in training; otherwise black and white of each page. */
  levels?: Levels | null
  /** Whether it wants to know the noise level. */
  takesSigma: boolean
  /** What the sides of its input must be a multiple of. */
  multiple: number
  /** The only size of an input that it takes; null where any multiple will do. */
  fixed: Size | null
  /** Pixels around the kept part of a tile that it must see. */
  overlap: number
  /** Side of the largest tile to try: lowered when memory ran out. */
  largestTile: number
  /** Its results are means over mirrored inputs already. */
  isEnsembled?: boolean
  /** Keys of the message catalogue: what the person should know of its runs. Whoever tells them takes them out. */
  warnings?: string[]
  /**
   * Runs it once.
   * @param planes [channels, height, width], black 0 and white 1; free to be changed once the result is there.
   * @param sigma 8-bit scale; ignored by a network that takes none.
   * @returns as `planes`, not clipped.
   * @throws memory-exhausted, model-incompatible.
   */
  run(planes: Float32Array, size: Size, sigma: number): Promise<Float32Array>
  dispose(): Promise<void>
}

/** How a network is trained on a page. */
export interface Learning {
  signal?: AbortSignal | undefined
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined
  /** Awaited after each step, so that more urgent work can go first. */
  pause?: (() => Promise<void>) | undefined
}

/** A network to open. */
export interface NetworkFile {
  /** Null of the one that has no file, `zero-shot`. */
  bytes: Uint8Array | null
  /** Named in errors. */
  file: string
  /** How other people's networks are used, as far as it is known; the rest is found by a dry run. */
  interface: StatedInterface | null
}

/** Overlap for other people's networks, whose reach is not known: that of a DnCNN is 20, U-Nets reach farther but weakly. */
const unknownOverlap = 64

/**
 * Opens a denoising network on a backend. The metadata of ours says how they are used.
 * @throws model-unreadable; model-incompatible naming the inputs and outputs that were found; model-ambiguous naming what
 * must be stated of it.
 */
export async function openDenoiser(
  backend: Pick<Backend, 'open' | 'compile'>,
  model: NetworkFile,
): Promise<Denoiser> {
  if (model.bytes === null) return openZeroShot(backend)
  let session: Session | null = null
  try {
    session = await backend.open(model.bytes)
    const own = ownNetwork(session.metadata)
    if (own !== null) refuseOtherTasks(own)
    const ports = findPorts(session)
    const spec = own?.spec ?? null
    const stated = spec ? interfaceOf(spec) : (model.interface ?? {})
    const known = ModelInterface.safeParse(stated)
    const use = known.success ? known.data : await findInterface(session, ports, stated)
    return createDenoiser(session, ports, use, own)
  } catch (thrown) {
    await session?.dispose()
    if (!(thrown instanceof DarkroomError)) throw thrown
    const { code, ...detail } = thrown.detail
    throw new DarkroomError(code, { file: model.file, ...detail }, thrown)
  }
}

function createDenoiser(
  session: Session,
  ports: Ports,
  use: ModelInterface,
  own: OwnNetwork | null,
): Denoiser {
  const form = ports.forms.find(
    ({ layout, channels, sigma }) =>
      layout === use.layout && channels === use.channels && sigma === use.sigma,
  )
  if (form === undefined)
    throw new DarkroomError('model-incompatible', {
      expected: ports.forms.map((one) => JSON.stringify(one)).join(' or '),
      received: JSON.stringify(use),
    })
  const { fixed } = form
  const wanted = own ? tileOverlap(own.spec) : unknownOverlap
  return {
    interface: use,
    metadata: session.metadata,
    channels: use.channels,
    levels: own?.levels ?? null,
    takesSigma: use.sigma !== 'none',
    multiple: use.multiple,
    fixed,
    // Of a small fixed size at least half must be left to keep.
    overlap: fixed ? Math.min(wanted, Math.floor(Math.min(fixed.width, fixed.height) / 4)) : wanted,
    largestTile: Infinity,
    warnings: session.warnings ?? [],
    run: (planes, size, sigma) => runNetwork(session, ports, use, planes, size, sigma),
    dispose: () => session.dispose(),
  }
}

/** @throws model-incompatible for a network of ours that was trained on something else than noise. */
function refuseOtherTasks({ spec, corruption, learntFromNoisy }: OwnNetwork): void {
  if (learntFromNoisy) return
  if (spec.condition !== 'mask' && (corruption === null || isNoise(corruption))) return
  throw new DarkroomError('model-incompatible', {
    expected: 'a network that was trained on noise',
    received: (corruption ?? []).map(({ type }) => type).join(', ') || spec.condition,
  })
}

/**
 * Pixels that a result depends on, to each side: every 3×3 convolution adds one at its own scale, 2^(scale + 1) in the
 * image. (Resampling adds less than one more stride.) Missing pixels are filled from farther away, before anything else.
 */
export function receptiveRadius({ widths, blocks, condition, shuffle }: DenoiserSpec): number {
  const last = widths.length - 1
  const convolutions = blocks.map((count, scale) => (scale === last ? 2 : 4) * count + (scale === 0 ? 2 : 0))
  const filling = condition === 'mask' ? fillReach(widths.length) : 0
  return shuffle * convolutions.reduce((sum, count, scale) => sum + count * 2 ** (scale + 1), filling)
}

/**
 * Overlap of tiles: half of the receptive radius, because the outer half hardly counts. For `photo` (radius 84, overlap 48)
 * tiles then differ from the whole image by less than 0.1/255 (`docs/benchmarks.md`).
 */
export const tileOverlap = (spec: DenoiserSpec): number => {
  const stride = denoiserStride(spec)
  return Math.ceil(receptiveRadius(spec) / 2 / stride) * stride
}
