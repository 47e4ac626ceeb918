import { describe, expect, it } from 'vitest'
import { psnr } from '../../../src-main/engine/analysis/psnr.ts'
import { ssim } from '../../../src-main/engine/analysis/ssim.ts'

/** n numbers in [0, 1] of a linear congruential generator that is as easily written in Python. */
function lcg(n: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 16) / 32767
  })
}

/** A wave with texture, and the same with noise; 8-bit values. */
function imagePair(samples: number, seed: number): [Uint8Array, Uint8Array] {
  const texture = lcg(samples, seed)
  const noise = lcg(samples, seed + 100)
  const a = texture.map((t, i) => Math.round(255 * (0.7 * (0.5 + 0.5 * Math.sin(i / 7)) + 0.3 * t)))
  const b = a.map((value, i) => Math.min(255, Math.max(0, Math.round(value + 60 * (noise[i]! - 0.5)))))
  return [Uint8Array.from(a), Uint8Array.from(b)]
}

// Made with scikit-image 0.26.0 on the same arrays, [height, width, channels]: peak_signal_noise_ratio(a, b, data_range=255)
// and structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=2).
const known = [
  { height: 24, width: 31, channels: 1, seed: 1, psnr: 23.420115495445476, ssim: 0.9682725172551928 },
  { height: 17, width: 23, channels: 3, seed: 2, psnr: 23.654809074943785, ssim: 0.9679282357426701 },
  { height: 11, width: 11, channels: 1, seed: 3, psnr: 22.796738879362284, ssim: 0.9732493902441719 },
]

describe.each(known)('on $width×$height×$channels', (image) => {
  const [a, b] = imagePair(image.height * image.width * image.channels, image.seed)

  it("gives scikit-image's PSNR", () => {
    expect(psnr(a, b, 255)).toBeCloseTo(image.psnr, 10)
  })

  it("gives scikit-image's SSIM", () => {
    expect(ssim(a, b, { ...image, dataRange: 255 })).toBeCloseTo(image.ssim, 10)
  })

  it('does not depend on the scale', () => {
    const scaled = [a, b].map((samples) => Float32Array.from(samples, (value) => value / 255)) as [
      Float32Array,
      Float32Array,
    ]
    expect(psnr(...scaled, 1)).toBeCloseTo(image.psnr, 4)
    expect(ssim(...scaled, { ...image, dataRange: 1 })).toBeCloseTo(image.ssim, 5)
  })

  it('knows equal images', () => {
    expect(psnr(a, a, 255)).toBe(Infinity)
    expect(ssim(a, a, { ...image, dataRange: 255 })).toBeCloseTo(1, 12)
  })
})

it('refuses images of different sizes, empty ones, and ones smaller than the window', () => {
  expect(() => psnr([1, 2], [1], 1)).toThrow('expected two images of the same size: received 2 and 1 samples')
  expect(() => psnr([], [], 1)).toThrow('argument-invalid')
  const small = new Float32Array(10 * 20)
  expect(() => ssim(small, small, { width: 20, height: 10, channels: 1, dataRange: 1 })).toThrow(
    'at least 11×11',
  )
})
