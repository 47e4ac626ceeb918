import { flushSync } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../../src-main/contract/engine.ts'
import type { Anchor } from '../../../src-main/contract/latent.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import {
  createPath,
  mostFrames,
  shownSteps,
} from '../../../src-renderer/views/latent/interpolate/path.svelte.ts'
import { frameAfter, placeAfterDrop } from '../../../src-renderer/views/latent/interpolate/playback.ts'
import { createLatent } from '../../../src-renderer/views/latent/view.svelte.ts'
import type { App } from '../../../src-renderer/state/app.ts'

class FakeImageData {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
  constructor(first: Uint8ClampedArray | number, second: number, third?: number) {
    ;[this.width, this.height] = typeof first === 'number' ? [first, second] : [second, third!]
    this.data = typeof first === 'number' ? new Uint8ClampedArray(4 * first * second) : first
  }
}
vi.stubGlobal('ImageData', FakeImageData)

const run = '/runs/vae'
const releases: (() => void)[] = []
afterEach(() => releases.splice(0).forEach((release) => release()))

/** A path over what an engine answers whose pictures are one pixel: the sum of the code's two numbers. */
function openPath(codes: Record<string, number[]>) {
  const asked: Anchor[] = []
  const engine = {
    latentModel: () => new Promise<never>(() => undefined),
    codesOf: ({ anchors }: { anchors: Anchor[] }) => {
      const anchor = anchors[0]!
      asked.push(anchor)
      const code = anchor.from === 'file' ? codes[anchor.path] : undefined
      return code === undefined
        ? Promise.reject(new DarkroomError('image-unreadable', { file: 'x' }))
        : Promise.resolve({ size: 2, codes: Float32Array.from(code), labels: null })
    },
    decodeCodes: ({ codes: flat }: { codes: Float32Array }) => {
      const count = flat.length / 2
      const pixels = new Uint8Array(4 * count)
      for (let at = 0; at < count; at++) pixels.fill(flat[2 * at]! + flat[2 * at + 1]!, 4 * at, 4 * at + 4)
      return Promise.resolve({ count, width: 1, height: 1, pixels })
    },
  } as unknown as Engine
  const link = { engine, onReady: () => () => undefined } as unknown as App['link']
  const notices = {
    fail: (thrown: unknown) => expect.unreachable(String(thrown)),
  } as unknown as App['notices']
  let latent!: ReturnType<typeof createLatent>
  let path!: ReturnType<typeof createPath>
  releases.push(
    $effect.root(() => {
      latent = createLatent({ link }, run)
      path = createPath({ link, notices }, latent)
    }),
  )
  flushSync()
  return { latent, path, asked }
}
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
    flushSync()
  }
}
const file = (path: string): Anchor => ({ from: 'file', path })
const shade = (image: ImageData | null): number | undefined => image?.data[0]

describe('the path over the track', () => {
  it('has no film before two of its stops are known', async () => {
    const { latent, path } = openPath({ a: [10, 0] })
    latent.addToTrack([file('a')])
    await settled()
    expect(path.film).toBeNull()
    expect(shade(path.pictureOf(0))).toBe(10)
  })

  it('decodes frames from one stop to the next, the blend of the pixels beside each', async () => {
    const { latent, path } = openPath({ a: [10, 0], b: [10, 40], c: [90, 40] })
    latent.change({ steps: 5 })
    latent.addToTrack([file('a'), file('b'), file('c')])
    await settled()
    const film = path.film!
    // Five a segment, and the one in the middle is both the last and the first.
    expect(film.frames.count).toBe(9)
    expect(Array.from({ length: 9 }, (_, at) => film.frames.pixels[4 * at])).toEqual([
      10, 20, 30, 40, 50, 70, 90, 110, 130,
    ])
    expect([0, 1, 8].map((at) => shade(film.blendAt(at)))).toEqual([10, 20, 130])
  })

  it('comes back to its first stop in a loop, without showing it twice', async () => {
    const { latent, path } = openPath({ a: [0, 0], b: [0, 80] })
    latent.change({ steps: 3, loop: true })
    latent.addToTrack([file('a'), file('b')])
    await settled()
    expect(Array.from(path.film!.frames.pixels).filter((_, at) => at % 4 === 0)).toEqual([0, 40, 80, 40])
  })

  it('keeps the norm on arcs', async () => {
    const { latent, path } = openPath({ a: [100, 0], b: [0, 100] })
    latent.change({ steps: 3, spherical: true })
    latent.addToTrack([file('a'), file('b')])
    await settled()
    expect(path.film!.frames.pixels[4]).toBe(Math.floor(100 * Math.SQRT2))
  })

  it('asks for the code of an anchor once, and of a code not at all', async () => {
    const { latent, path, asked } = openPath({ a: [10, 0] })
    latent.addToTrack([file('a'), { from: 'code', code: [0, 30] }, file('a')])
    await settled()
    latent.moveOnTrack(0, 2)
    await settled()
    expect(asked).toEqual([file('a')])
    expect([0, 1, 2].map((stop) => shade(path.pictureOf(stop)))).toEqual([30, 10, 10])
  })

  it('says of which stop no code is to be had, and goes on without it', async () => {
    const { latent, path } = openPath({ a: [10, 0], b: [20, 0] })
    latent.addToTrack([file('a'), file('broken'), file('b')])
    await settled()
    expect(path.stops.map(({ error }) => error?.code ?? null)).toEqual([null, 'image-unreadable', null])
    expect(path.film).toBeNull()
    latent.removeFromTrack(1)
    await settled()
    expect(path.film!.frames.count).toBe(24)
  })

  it('shows no more frames than a window can hold', () => {
    expect(shownSteps(24, 3)).toBe(24)
    expect(shownSteps(240, 63) * 63).toBeLessThanOrEqual(mostFrames)
  })
})

describe('playing', () => {
  const settings = { from: 3, count: 10, rate: 12, loop: false }
  it('follows the time, not the screen', () => {
    expect(frameAfter(0, settings)).toEqual({ frame: 3, isOver: false })
    expect(frameAfter(0.25, settings)).toEqual({ frame: 6, isOver: false })
  })
  it('ends with the last frame', () => {
    expect(frameAfter(60, settings)).toEqual({ frame: 9, isOver: true })
  })
  it('begins anew in a loop', () => {
    expect(frameAfter(1, { ...settings, loop: true })).toEqual({ frame: 5, isOver: false })
  })
})

it.each([
  [0, 3, 2],
  [2, 0, 0],
  [1, 1, 1],
  [1, 2, 1],
])('one dragged from place %i to before place %i comes to stand at %i', (from, before, place) => {
  expect(placeAfterDrop(from, before)).toBe(place)
})
