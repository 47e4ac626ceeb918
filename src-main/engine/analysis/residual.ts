import type { ResidualReport } from '../../contract/preview.ts'
import type { SampledPage } from './sampled-page.ts'

/** Side of a block in pixels: small beside objects, and enough samples for a variance. */
const blockSide = 8
/** Groups of blocks of like brightness; fewer where that would leave a group too few blocks. */
const mostGroups = 16
const fewestInGroup = 32
/** Fewer blocks than in 181×181 pixels say too little: noise alone would pass the threshold now and then. */
const fewestBlocks = 512
/** Share of a group's blocks that count as flat, and as detailed. */
const extremeShare = 0.25
/** SampledPage this near to black or white (8-bit scale) may have been clipped, which takes noise away. */
const clippedMargin = 2

/**
 * Above this, detail is likely to be lost: 6 % of the power that was taken from detailed places is more than what flat ones
 * gave. False alarms: none in 272 runs of `photo` on CBSD68 (σ 8 to 50) with the right or the estimated σ, so fewer than
 * 1.1 % (95 % confidence); three of RENOIR's eight photographs. Told 2.5 times the σ, it is passed by 78 % of CBSD68 up to σ 25,
 * by 50 % at σ 50 (`bench/residual.ts`, docs/decisions/0012-previews.md).
 */
export const lostDetailThreshold = 0.06

/**
 * Whether what was removed is noise. A residual (method noise: Buades, Coll & Morel, "A review of image denoising algorithms,
 * with a new one", Multiscale Model. Simul. 2005) should look the same wherever the picture is as bright. Where texture went
 * with the noise its local power is higher than in flat parts (Gilboa, Sochen & Zeevi, "Variational denoising of partly
 * textured images by spatially varying constraints", IEEE TIP 2006); a good denoiser takes away less there, being less sure.
 *
 * So: the variance of the residual's luma in blocks of 8×8 pixels, V. Blocks are grouped by brightness, because a camera's
 * noise depends on it; in each group the most detailed quarter and the flattest are compared. How detailed a block is, the
 * noisy picture around it tells: the block itself holds the noise that V measures, and in the denoised picture detail that
 * is lost does not show. With R the geometric mean over the groups of V(detailed) / V(flat),
 *
 *     structure = max(0, 1 − 1 / R)
 *
 * is the share of the power in detailed places that flat ones do not have. Nothing is assumed of the noise's spectrum.
 * Time: linear in the samples. Regions of less than 512 usable blocks have structure 0.
 * @param noisy and `denoised` of the same size, black and white.
 */
export function measureResidual(noisy: SampledPage, denoised: SampledPage): ResidualReport {
  const structure = Math.max(0, 1 - 1 / detailRatio(usableBlocks(noisy, denoised)))
  return {
    structure,
    deviation: deviationOf(noisy, denoised),
    isDetailLost: structure > lostDetailThreshold,
  }
}

/** Standard deviation of the residual over all samples, 8-bit scale. */
function deviationOf(noisy: SampledPage, denoised: SampledPage): number {
  const { data } = noisy
  let sum = 0
  let squares = 0
  for (let i = 0; i < data.length; i++) {
    const residual = data[i]! - denoised.data[i]!
    sum += residual
    squares += residual * residual
  }
  const mean = sum / data.length
  const variance = Math.max(0, squares / data.length - mean * mean)
  return (255 / (noisy.white - noisy.black)) * Math.sqrt(variance)
}

interface Block {
  /** Variance of the residual. */
  power: number
  brightness: number
  /** Sum of squared differences of neighbours in the noisy picture. */
  gradient: number
  isClipped: boolean
}

interface Candidate {
  power: number
  brightness: number
  /** Mean gradient of the blocks around it. */
  detail: number
}

/** The blocks without clipped samples. */
function usableBlocks(noisy: SampledPage, denoised: SampledPage): Candidate[] {
  const before = lumaOf(noisy)
  const after = lumaOf(denoised)
  const columns = Math.floor(noisy.width / blockSide)
  const rows = Math.floor(noisy.height / blockSide)
  const grid = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) =>
      measureBlock(before, after, blockSide * (row * noisy.width + column), noisy.width),
    ),
  )
  return grid.flatMap((blocks, row) =>
    blocks.flatMap(({ power, brightness, isClipped }, column) =>
      isClipped ? [] : [{ power, brightness, detail: detailAround(grid, column, row) }],
    ),
  )
}

function detailAround(grid: Block[][], column: number, row: number): number {
  let sum = 0
  let count = 0
  for (let y = row - 1; y <= row + 1; y++)
    for (let x = column - 1; x <= column + 1; x++) {
      const block = grid[y]?.[x]
      if (block === undefined || (x === column && y === row)) continue
      sum += block.gradient
      count++
    }
  return sum / count
}

/** Luma on the 8-bit scale (weights of ITU-R BT.709), or gray as it is. */
function lumaOf({ width, height, channels, data, black, white }: SampledPage): Float32Array {
  const weights = channels === 1 ? [1] : [0.2126, 0.7152, 0.0722]
  const scale = 255 / (white - black)
  const luma = new Float32Array(width * height)
  for (let i = 0; i < luma.length; i++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++)
      sum += weights[channel]! * data[i * channels + channel]!
    luma[i] = (sum - black) * scale
  }
  return luma
}

function measureBlock(noisy: Float32Array, denoised: Float32Array, start: number, width: number): Block {
  let [brightness, residuals, squares, gradient] = [0, 0, 0, 0]
  let isClipped = false
  for (let y = 0; y < blockSide; y++)
    for (let x = 0; x < blockSide; x++) {
      const i = start + y * width + x
      const value = noisy[i]!
      if (!(value >= clippedMargin && value <= 255 - clippedMargin)) isClipped = true
      const residual = value - denoised[i]!
      brightness += denoised[i]!
      residuals += residual
      squares += residual * residual
      if (x > 0) gradient += (value - noisy[i - 1]!) ** 2
      if (y > 0) gradient += (value - noisy[i - width]!) ** 2
    }
  const count = blockSide ** 2
  const power = Math.max(0, squares - residuals ** 2 / count) / (count - 1)
  return { power, brightness, gradient, isClipped }
}

/** R of `measureResidual`; 1 where nothing can be said. */
function detailRatio(blocks: Candidate[]): number {
  if (blocks.length < fewestBlocks) return 1
  const groups = Math.min(mostGroups, Math.floor(blocks.length / fewestInGroup))
  const ordered = blocks.sort((a, b) => a.brightness - b.brightness)
  let logarithms = 0
  let compared = 0
  for (let group = 0; group < groups; group++) {
    const [first, end] = [group, group + 1].map((edge) => Math.floor((edge * ordered.length) / groups))
    const alike = ordered.slice(first, end).sort((a, b) => a.detail - b.detail)
    const extreme = Math.floor(alike.length * extremeShare)
    const flat = meanPower(alike.slice(0, extreme))
    const detailed = meanPower(alike.slice(-extreme))
    if (flat === 0 || detailed === 0) continue
    logarithms += Math.log(detailed / flat)
    compared++
  }
  return compared === 0 ? 1 : Math.exp(logarithms / compared)
}

const meanPower = (blocks: Candidate[]): number =>
  blocks.reduce((sum, { power }) => sum + power, 0) / blocks.length
