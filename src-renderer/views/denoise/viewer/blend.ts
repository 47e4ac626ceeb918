/** Shares of the noise that are removed, 0–1: brightness noise (grain) and colour noise. */
export interface Shares {
  grain: number
  colour: number
}

/** Rec. 709 weights on encoded samples: what the engine splits grain and colour by, so that the preview is the result. */
const weights = { red: 0.2126, green: 0.7152, blue: 0.0722 }

/** Integers with 16 bits behind the point: nearly twice as fast as doubles here, and off by less than 0.01 of a step. */
const one = 65536
const half = 32768

/** Multiplies a change d of a pixel: `colour`·d + (`grain` − `colour`)·luma(d), which is grain·luma(d) + colour·(d − luma(d)). */
function factors({ grain, colour }: Shares, gain: number) {
  const extra = gain * (grain - colour) * one
  return {
    change: Math.round(gain * colour * one),
    red: Math.round(extra * weights.red),
    green: Math.round(extra * weights.green),
    blue: Math.round(extra * weights.blue),
  }
}

/**
 * The picture at a strength: noisy + grain·luma(d) + colour·(d − luma(d)), where d = denoised − noisy. Pixels are RGBA, 8
 * bits, and of one size; alpha is the noisy picture's.
 */
export function blend(
  noisy: Uint8ClampedArray,
  denoised: Uint8ClampedArray,
  shares: Shares,
  out: Uint8ClampedArray,
): void {
  const { change, red, green, blue } = factors(shares, 1)
  for (let i = 0; i < out.length; i += 4) {
    const r = noisy[i]!
    const g = noisy[i + 1]!
    const b = noisy[i + 2]!
    const dr = denoised[i]! - r
    const dg = denoised[i + 1]! - g
    const db = denoised[i + 2]! - b
    const luma = red * dr + green * dg + blue * db + half
    out[i] = r + ((change * dr + luma) >> 16)
    out[i + 1] = g + ((change * dg + luma) >> 16)
    out[i + 2] = b + ((change * db + luma) >> 16)
    out[i + 3] = noisy[i + 3]!
  }
}

/**
 * What is removed at a strength, amplified: 128 + gain·(noisy − blended), before the blend is rounded.
 * @param gain up to 60: products stay within 32 bits
 */
export function residual(
  noisy: Uint8ClampedArray,
  denoised: Uint8ClampedArray,
  shares: Shares,
  gain: number,
  out: Uint8ClampedArray,
): void {
  const { change, red, green, blue } = factors(shares, gain)
  for (let i = 0; i < out.length; i += 4) {
    const dr = noisy[i]! - denoised[i]!
    const dg = noisy[i + 1]! - denoised[i + 1]!
    const db = noisy[i + 2]! - denoised[i + 2]!
    const luma = red * dr + green * dg + blue * db + half
    out[i] = 128 + ((change * dr + luma) >> 16)
    out[i + 1] = 128 + ((change * dg + luma) >> 16)
    out[i + 2] = 128 + ((change * db + luma) >> 16)
    out[i + 3] = 255
  }
}
