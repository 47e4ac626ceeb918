import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Corruption, type CameraCorruption } from '../../../src-main/contract/corruption.ts'
import { addCameraNoise, drawCamera, type CameraNoise } from '../../../src-main/engine/data/camera-noise.ts'
import type { Sample } from '../../../src-main/engine/data/sample.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const side = 128
const flat = (value: number, channels: 1 | 3 | 4 = 3, size = side): Sample => ({
  ...{ width: size, height: size, channels },
  data: new Float32Array(size * size * channels).fill(value),
})

/** A sensor that sees sRGB's own colours and needs no white balance: what comes out follows from the mosaic alone. */
const plain: CameraNoise = {
  ...{ shot: 1e-4, read: 1e-6, redGain: 1, blueGain: 1, colour: 0 },
  ...{
    tone: 1,
    contrast: 1,
    mosaic: true,
    sharpness: 0,
    directed: false,
    lumaBlur: 0,
    chromaBlur: 0,
    chromaShare: 1,
  },
}

/** What was added to a flat picture, a plane a channel. */
function noiseOf(value: number, camera: Partial<CameraNoise>, seed = 1): Float32Array[] {
  const picture = flat(value)
  addCameraNoise(picture, { ...plain, ...camera }, createRandom(seed))
  return [0, 1, 2].map((c) =>
    Float32Array.from({ length: side * side }, (_, i) => picture.data[3 * i + c]! - Math.fround(value)),
  )
}

const meanProduct = (a: Float32Array, b: Float32Array, shift = 0): number => {
  let [sum, count] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    if ((i % side) + shift >= side) continue
    sum += a[i]! * b[i + shift]!
    count++
  }
  return sum / count
}
const variance = (plane: Float32Array): number => meanProduct(plane, plane)
const correlation = (plane: Float32Array, shift: number): number =>
  meanProduct(plane, plane, shift) / variance(plane)

/** Linear light and the slope of sRGB's tone curve at an encoded value. */
const lightAt = (value: number): number => ((value + 0.055) / 1.055) ** 2.4
const slopeAt = (value: number): number => (1.055 / 2.4) * lightAt(value) ** (1 / 2.4 - 1)

/** Statistics as `bench/torch/camera_noise.py` prints them. */
interface Statistics {
  luma: number[]
  chroma: number[]
}
function statisticsOf(planes: Float32Array[]): Statistics {
  const mix = (weights: number[]): Float32Array =>
    planes[0]!.map((_, i) => weights.reduce((sum, weight, c) => sum + weight * planes[c]![i]!, 0))
  const of = (plane: Float32Array): number[] => [
    255 * Math.sqrt(variance(plane)),
    ...[1, 2, 4].map((shift) => correlation(plane, shift)),
  ]
  return { luma: of(mix([0.299, 0.587, 0.114])), chroma: of(mix([0.5, -0.418688, -0.081312])) }
}

describe('camera noise', () => {
  it.each([0.2, 0.5, 0.9])('has the variance of a sensor behind a tone curve, at %d', (value) => {
    const planes = noiseOf(value, { mosaic: false, shot: 3e-4, read: 2e-5 })
    const expected = (3e-4 * lightAt(value) + 2e-5) * slopeAt(value) ** 2
    // 16,384 samples: 1.1 % standard error; the tone curve bends by less than that.
    for (const plane of planes) expect(variance(plane) / expected).toBeCloseTo(1, 1)
  })

  it('is as strong in the bright as in the dark where the tone curve is straight, but for the photons', () => {
    // sRGB's curve to the power 2.4 is straight, but for its foot: (1.055 x^(1/2.4) − 0.055)^2.4.
    const level = (value: number): number =>
      Math.sqrt(variance(noiseOf(value, { mosaic: false, shot: 1e-9, read: 1e-5, tone: 2.4 })[1]!))
    expect(level(0.8) / level(0.2)).toBeGreaterThan(0.8)
    expect(level(0.8) / level(0.2)).toBeLessThan(1.1)
    const srgb = (value: number): number =>
      Math.sqrt(variance(noiseOf(value, { mosaic: false, shot: 1e-9, read: 1e-5 })[1]!))
    expect(srgb(0.8) / srgb(0.2)).toBeLessThan(0.4)
  })

  it('is stronger in the middle, by the contrast of the tone curve, and weaker at its ends', () => {
    const weak = { mosaic: false, shot: 1e-9, read: 1e-7 }
    const ratio = (value: number): number => {
      // The light that the steeper curve shows as `value` is what sRGB's shows as the S's way back.
      const back = value < 0.5 ? (2 * value) ** (1 / 1.6) / 2 : 1 - (2 - 2 * value) ** (1 / 1.6) / 2
      const [steep, srgb] = [noiseOf(value, { ...weak, contrast: 1.6 }), noiseOf(back, weak)]
      return Math.sqrt(variance(steep[1]!) / variance(srgb[1]!))
    }
    expect(ratio(0.5)).toBeCloseTo(1.6, 2)
    expect(ratio(0.1)).toBeCloseTo(1.6 * 0.2 ** (1 - 1 / 1.6), 2)
    expect(ratio(0.9)).toBeCloseTo(1.6 * 0.2 ** (1 - 1 / 1.6), 2)
  })

  it('is the variance that demosaicking leaves', () => {
    const measured = (1e-4 * lightAt(0.5) + 1e-6) * slopeAt(0.5) ** 2
    // Means over the pattern of the sums of squared weights: green is measured in half of the pixels, red and blue in a quarter.
    const bilinear = [(1 + 1 / 2 + 1 / 2 + 1 / 4) / 4, (1 + 1 / 4) / 2]
    const malvar = [(1 + 63.5 / 64 + 63.5 / 64 + 61 / 64) / 4, (1 + 36 / 64) / 2]
    for (const [sharpness, [redBlue, green]] of [
      [0, bilinear],
      [1, malvar],
    ] as const) {
      const planes = noiseOf(0.5, { sharpness })
      const shares = [redBlue!, green!, redBlue!]
      // Red and blue come of 4,096 samples each: a standard error of 2.2 %.
      for (const [c, plane] of planes.entries())
        expect(Math.abs(variance(plane) / measured / shares[c]! - 1)).toBeLessThan(0.07)
    }
  })

  it('has streaks along rows or columns where demosaicking goes along edges', () => {
    // Differences of neighbours in both directions from where green is not measured: the smaller of the two is taken.
    const leastShare = (directed: boolean): number => {
      const green = noiseOf(0.5, { directed, sharpness: 1 })[1]!
      let [least, all] = [0, 0]
      for (let y = 2; y < side - 2; y++)
        for (let x = 2 + (y & 1); x < side - 2; x += 2) {
          const i = y * side + x
          const across = Math.abs(green[i - 1]! - green[i + 1]!)
          const down = Math.abs(green[i - side]! - green[i + side]!)
          const middle = (a: number, b: number): number => Math.abs(green[i]! - (green[a]! + green[b]!) / 2)
          least += across < down ? middle(i - 1, i + 1) : middle(i - side, i + side)
          all += across < down ? middle(i - side, i + side) : middle(i - 1, i + 1)
        }
      return least / all
    }
    expect(leastShare(true)).toBeLessThan(0.85)
    expect(leastShare(false)).toBeGreaterThan(0.9)
  })

  it('is white without a mosaic, and correlated with one, colour more than light', () => {
    const white = statisticsOf(noiseOf(0.5, { mosaic: false }))
    for (const value of [...white.luma, ...white.chroma].filter((_, i) => i % 4 > 0))
      expect(Math.abs(value)).toBeLessThan(0.03)
    const { luma, chroma } = statisticsOf(noiseOf(0.5, { sharpness: 1 }))
    expect(chroma[1]).toBeGreaterThan(luma[1]! + 0.15)
  })

  it('is smoothed by the blurs that are asked for', () => {
    const { luma, chroma } = statisticsOf(noiseOf(0.5, { mosaic: false, lumaBlur: 0.8, chromaBlur: 3 }))
    // A Gaussian's autocorrelation at a distance d is exp(−d² / 4σ²); a coarse blur leaves few independent samples.
    expect(luma[1]).toBeCloseTo(Math.exp(-1 / (4 * 0.64)), 1)
    expect(luma[2]).toBeCloseTo(Math.exp(-4 / (4 * 0.64)), 1)
    expect(chroma[2]).toBeCloseTo(Math.exp(-4 / 36), 1)
    expect(Math.abs(chroma[3]! - Math.exp(-16 / 36))).toBeLessThan(0.12)
    const less = statisticsOf(noiseOf(0.5, { mosaic: false, chromaShare: 0.5 }))
    const all = statisticsOf(noiseOf(0.5, { mosaic: false }))
    expect(less.chroma[0]! / all.chroma[0]!).toBeCloseTo(0.5, 4)
    expect(less.luma[0]).toBeCloseTo(all.luma[0]!, 6)
  })

  it('is stronger where white balance and colours stretch it', () => {
    const levels = (camera: Partial<CameraNoise>) => noiseOf(0.5, { ...camera, mosaic: false }).map(variance)
    const [red, green] = levels({ redGain: 2 })
    // A sensor that sees half as much red counts half as many photons: twice the variance of shot noise.
    expect(red! / green!).toBeCloseTo(
      (4 * (1e-4 * lightAt(0.5) * 0.5 + 1e-6)) / (1e-4 * lightAt(0.5) + 1e-6),
      0,
    )
    const sum = (values: number[]): number => values.reduce((a, b) => a + b)
    expect(sum(levels({ colour: 1 }))).toBeGreaterThan(2 * sum(levels({ colour: 0 })))
  })

  it('gives gray pictures gray noise, leaves alpha alone, and states the mean square of what it adds', () => {
    const gray = flat(0.5, 1, 32)
    const square = addCameraNoise(gray, plain, createRandom(2))
    const added = gray.data.map((value) => value - 0.5)
    expect(square).toBeCloseTo(added.reduce((sum, value) => sum + value ** 2, 0) / added.length, 9)
    const rgba = flat(0.5, 4, 16)
    const rgb = flat(0.5, 3, 16)
    expect(addCameraNoise(rgba, plain, createRandom(3))).toBe(addCameraNoise(rgb, plain, createRandom(3)))
    expect(rgba.data.filter((_, i) => i % 4 === 3)).toEqual(new Float32Array(256).fill(0.5))
    expect(rgba.data.filter((_, i) => i % 4 !== 3)).toEqual(rgb.data)
    const dot = flat(0.5, 3, 1)
    expect(addCameraNoise(dot, plain, createRandom(4))).toBeGreaterThan(0)
  })

  it('draws cameras from the ranges of a recipe, read noise with shot noise', () => {
    const ranges = Corruption.parse({ type: 'camera' }) as CameraCorruption
    const random = createRandom(5)
    const cameras = Array.from({ length: 500 }, () => drawCamera(ranges, random))
    const shots = cameras.map(({ shot }) => Math.log(shot))
    expect(Math.min(...shots)).toBeLessThan(Math.log(1.2e-4))
    expect(Math.max(...shots)).toBeGreaterThan(Math.log(0.01))
    expect(shots.every((shot) => shot >= Math.log(1e-4) && shot <= Math.log(0.012))).toBe(true)
    const errors = cameras.map(({ shot, read }) => Math.log(read) - 2.18 * Math.log(shot) - 1.2)
    // Its standard deviation is 0.26; the standard error of that 0.008.
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / 500)).toBeCloseTo(0.26, 1)
    const share = (is: (camera: CameraNoise) => boolean): number => cameras.filter(is).length / 500
    expect(share(({ mosaic }) => mosaic)).toBeCloseTo(0.85, 1)
    expect(share(({ tone }) => tone < Math.sqrt(2.4))).toBeCloseTo(0.5, 1)
    expect(share(({ contrast }) => contrast >= 1 && contrast <= 1.7)).toBe(1)
    expect(share(({ directed }) => directed)).toBeCloseTo(0.4, 1)
    expect(share(({ chromaBlur }) => chromaBlur > 0)).toBeCloseTo(0.6, 1)
  })
})

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const canRun = spawnSync(python, ['-c', 'import torch, cv2']).status === 0
if (!canRun)
  console.warn(
    `SKIPPED: the PyTorch twin of the camera noise. ${python} lacks torch or opencv; set DARKROOM_PYTHON to one that has them.`,
  )

it.skipIf(!canRun)('has the statistics of its PyTorch twin', () => {
  const cameras: [number, CameraNoise][] = [
    [0.5, plain],
    [0.5, { ...plain, sharpness: 1, redGain: 2.1, blueGain: 1.7, colour: 1, shot: 2e-3, read: 5e-6 }],
    [0.08, { ...plain, sharpness: 0.5, redGain: 2, blueGain: 1.6, colour: 0.5, shot: 5e-3, read: 3e-5 }],
    [0.4, { ...plain, directed: true, redGain: 2, blueGain: 1.6, colour: 0.5 }],
    [0.3, { ...plain, tone: 1.8, contrast: 1.5, shot: 5e-3, read: 3e-5 }],
    [0.7, { ...plain, lumaBlur: 0.7, chromaBlur: 1.2, chromaShare: 0.6, shot: 5e-3, read: 3e-5 }],
  ]
  const script = fileURLToPath(new URL('../../../bench/torch/camera_noise.py', import.meta.url))
  const run = spawnSync(python, [script, JSON.stringify({ side, cameras })], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  const twins = JSON.parse(run.stdout) as Statistics[]
  cameras.forEach(([value, camera], i) => {
    const own = statisticsOf(noiseOf(value, camera, 7))
    for (const kind of ['luma', 'chroma'] as const) {
      // The most blurred plane has 900 independent samples: the ratio of two has a standard error of 3 %.
      expect(Math.abs(own[kind][0]! / twins[i]![kind][0]! - 1)).toBeLessThan(0.1)
      for (const at of [1, 2, 3]) expect(Math.abs(own[kind][at]! - twins[i]![kind][at]!)).toBeLessThan(0.06)
    }
  })
})
