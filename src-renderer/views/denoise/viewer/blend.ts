/** Shares of the noise that are removed, 0–1: brightness noise (grain) and colour noise. */
export interface Shares {
  grain: number
  colour: number
}

/** Rec. 709 weights on encoded samples: what the engine splits grain and colour by, so that the preview is the result. */
const red = 0.2126
const green = 0.7152
const blue = 0.0722

/**
 * The picture at a strength: noisy + grain·luma(d) + colour·(d − luma(d)), where d = denoised − noisy. Pixels are RGBA, 8
 * bits, and of one size; alpha is the noisy picture's.
 */
export function blend(
  noisy: Uint8ClampedArray,
  denoised: Uint8ClampedArray,
  { grain, colour }: Shares,
  out: Uint8ClampedArray,
): void {
  const extra = grain - colour
  for (let i = 0; i < out.length; i += 4) {
    const r = noisy[i]!
    const g = noisy[i + 1]!
    const b = noisy[i + 2]!
    const dr = denoised[i]! - r
    const dg = denoised[i + 1]! - g
    const db = denoised[i + 2]! - b
    const luma = extra * (red * dr + green * dg + blue * db)
    out[i] = r + colour * dr + luma
    out[i + 1] = g + colour * dg + luma
    out[i + 2] = b + colour * db + luma
    out[i + 3] = noisy[i + 3]!
  }
}

/** What is removed at a strength, amplified: 128 + gain·(noisy − blended), before the blend is rounded. */
export function residual(
  noisy: Uint8ClampedArray,
  denoised: Uint8ClampedArray,
  { grain, colour }: Shares,
  gain: number,
  out: Uint8ClampedArray,
): void {
  const extra = grain - colour
  for (let i = 0; i < out.length; i += 4) {
    const dr = noisy[i]! - denoised[i]!
    const dg = noisy[i + 1]! - denoised[i + 1]!
    const db = noisy[i + 2]! - denoised[i + 2]!
    const luma = extra * (red * dr + green * dg + blue * db)
    out[i] = 128 + gain * (colour * dr + luma)
    out[i + 1] = 128 + gain * (colour * dg + luma)
    out[i + 2] = 128 + gain * (colour * db + luma)
    out[i + 3] = 255
  }
}
