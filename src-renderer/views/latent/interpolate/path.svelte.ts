import { toErrorDetail, type ErrorDetail } from '../../../../src-main/contract/errors.ts'
import type { Anchor, DecodedCodes } from '../../../../src-main/contract/latent.ts'
import { codePath, type CodePath } from '../../../../src-main/contract/interpolate.ts'
import type { App } from '../../../state/app.ts'
import { codeAt, flatCodes } from '../codes.ts'
import { blended, pictureAt } from '../pixels.ts'
import type { Latent } from '../view.svelte.ts'

/** An anchor of the track, and what is known of it so far. */
export interface Stop {
  anchor: Anchor
  code: readonly number[] | null
  error: ErrorDetail | null
}

export interface Path {
  readonly stops: readonly Stop[]
  /** What each stop decodes to, as far as it is there. */
  pictureOf(stop: number): ImageData | null
  /** The frames, and where each is on the path; null while there are not two stops with codes. */
  readonly film: Film | null
}

export interface Film {
  path: CodePath
  frames: DecodedCodes
  /** What the blend of the pixels gives in the place of a frame; null until the stops' pictures are there. */
  blendAt(frame: number): ImageData | null
}

/** Frames that are decoded for the window at most. */
export const mostFrames = 2048

/** Steps from one anchor to the next that the window shows: as many as are set, where that is not too many frames. */
export const shownSteps = (steps: number, segments: number): number =>
  Math.max(2, Math.min(steps, Math.floor(mostFrames / Math.max(1, segments))))

type Known = Omit<Stop, 'anchor'>
const keyOf = (anchor: Anchor): string => JSON.stringify(anchor)

/** The path over the track, decoded. To be made where a component is. */
export function createPath({ link, notices }: Pick<App, 'link' | 'notices'>, latent: Latent): Path {
  const decodeStops = latent.createDecoder()
  const decodeFrames = latent.createDecoder()
  let known = $state.raw<ReadonlyMap<string, Known>>(new Map())
  let pictures = $state.raw<DecodedCodes | null>(null)
  let shown = $state.raw<{ path: CodePath; frames: DecodedCodes } | null>(null)
  /** Anchors that were asked about. */
  const asked = new Set<string>()

  const learn = (anchor: Anchor, what: Known): void => {
    known = new Map([...known, [keyOf(anchor), what]])
  }
  async function ask(anchor: Anchor): Promise<void> {
    asked.add(keyOf(anchor))
    try {
      const codes = await link.engine.codesOf({ run: latent.run, anchors: [anchor] })
      learn(anchor, { code: codeAt(codes, 0), error: null })
    } catch (thrown) {
      learn(anchor, { code: null, error: toErrorDetail(thrown) })
    }
  }
  $effect(() => {
    const { track } = latent.spec
    const keys = new Set(track.map(keyOf))
    // One that failed is tried again when it is put there again.
    for (const key of asked) if (!keys.has(key)) asked.delete(key)
    for (const anchor of track) if (anchor.from !== 'code' && !asked.has(keyOf(anchor))) void ask(anchor)
  })

  const stops = $derived(
    latent.spec.track.map((anchor): Stop => {
      if (anchor.from === 'code') return { anchor, code: anchor.code, error: null }
      return { anchor, ...(known.get(keyOf(anchor)) ?? { code: null, error: null }) }
    }),
  )
  /** The codes of all stops; null while one is missing. */
  const codes = $derived.by(() => {
    const found = stops.flatMap(({ code }) => (code === null ? [] : [code]))
    return found.length === 0 || found.length < stops.length ? null : found
  })
  const path = $derived.by(() => {
    if (codes === null || codes.length < 2) return null
    const { steps, spherical, loop } = latent.spec
    return codePath(flatCodes(codes), codes[0]!.length, {
      steps: shownSteps(steps, loop ? codes.length : codes.length - 1),
      mode: spherical ? 'slerp' : 'lerp',
      loop,
    })
  })
  $effect(() => {
    pictures = null
    if (codes === null) return
    decodeStops(flatCodes(codes)).then(
      (next) => (pictures = next),
      (thrown: unknown) => notices.fail(thrown),
    )
  })
  $effect(() => {
    if (path === null) {
      shown = null
      return
    }
    const asking = path
    decodeFrames(Float32Array.from(asking.codes)).then(
      (frames) => {
        if (frames !== null && asking === path) shown = { path: asking, frames }
      },
      (thrown: unknown) => notices.fail(thrown),
    )
  })

  function blendAt(at: CodePath, frame: number): ImageData | null {
    const place = at.places[frame]
    if (place === undefined || pictures === null || pictures.count <= Math.max(place.from, place.to))
      return null
    return blended(pictureAt(pictures, place.from), pictureAt(pictures, place.to), place.t)
  }

  return {
    get stops() {
      return stops
    },
    pictureOf: (stop) => (pictures === null || stop >= pictures.count ? null : pictureAt(pictures, stop)),
    get film() {
      if (shown === null) return null
      const { path: at, frames } = shown
      return { path: at, frames, blendAt: (frame: number) => blendAt(at, frame) }
    },
  }
}
