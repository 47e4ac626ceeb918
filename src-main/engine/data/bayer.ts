/** Colours that an RGGB sensor measures, 0 red to 2 blue: at even rows and columns, and so on. */
export const bayerColour = (x: number, y: number): 0 | 1 | 2 => ((x & 1) + (y & 1)) as 0 | 1 | 2

/** Weights of a 5×5 neighbourhood, row by row. */
type Kernel = readonly number[]

interface Kernels {
  /** Green where red or blue is measured. */
  cross: Kernel
  /** Red in a row of reds where green is measured, and blue in a row of blues. */
  across: Kernel
  /** The same in a column. */
  along: Kernel
  /** Red where blue is measured, and blue where red is. */
  corners: Kernel
}

const over = (divisor: number, weights: number[]): Kernel => weights.map((weight) => weight / divisor)

/** The mean of the nearest that measured the colour. */
const bilinear: Kernels = {
  cross: over(4, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
  across: over(2, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  along: over(2, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
  corners: over(4, [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
}

/** Malvar, He & Cutler, "High-quality linear interpolation for demosaicing of Bayer-patterned color images", ICASSP 2004. */
const malvar: Kernels = {
  cross: over(8, [0, 0, -1, 0, 0, 0, 0, 2, 0, 0, -1, 2, 4, 2, -1, 0, 0, 2, 0, 0, 0, 0, -1, 0, 0]),
  across: over(16, [0, 0, 1, 0, 0, 0, -2, 0, -2, 0, -2, 8, 10, 8, -2, 0, -2, 0, -2, 0, 0, 0, 1, 0, 0]),
  along: over(16, [0, 0, -2, 0, 0, 0, -2, 8, -2, 0, 1, 0, 10, 0, 1, 0, -2, 8, -2, 0, 0, 0, -2, 0, 0]),
  corners: over(16, [0, 0, -3, 0, 0, 0, 4, 0, 4, 0, -3, 0, 12, 0, -3, 0, 4, 0, 4, 0, 0, 0, -3, 0, 0]),
}

/**
 * Fills in the two colours that each pixel of an RGGB sensor has not measured.
 * @param mosaic [height, width].
 * @param sharpness 0 bilinear to 1 Malvar, He & Cutler; both are linear, and so is what lies between.
 * @returns [3, height, width]. The outermost two pixels count what lies outside as 0.
 */
export function demosaick(
  mosaic: Float32Array,
  width: number,
  height: number,
  sharpness: number,
): Float32Array {
  const mixed = (name: keyof Kernels): number[] =>
    bilinear[name].map((weight, i) => (1 - sharpness) * weight + sharpness * malvar[name][i]!)
  const [cross, across, along, corners] = [mixed('cross'), mixed('across'), mixed('along'), mixed('corners')]
  const colours = new Float32Array(3 * width * height)
  const size = width * height
  const around = (kernel: number[], x: number, y: number): number => {
    let sum = 0
    for (let dy = -2; dy <= 2; dy++) {
      if (y + dy < 0 || y + dy >= height) continue
      for (let dx = -2; dx <= 2; dx++) {
        const weight = kernel[5 * dy + dx + 12]!
        if (weight !== 0 && x + dx >= 0 && x + dx < width) sum += weight * mosaic[(y + dy) * width + x + dx]!
      }
    }
    return sum
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const measured = bayerColour(x, y)
      colours[measured * size + i] = mosaic[i]!
      if (measured === 1) {
        const isRedRow = (y & 1) === 0
        colours[i] = around(isRedRow ? across : along, x, y)
        colours[2 * size + i] = around(isRedRow ? along : across, x, y)
      } else {
        colours[size + i] = around(cross, x, y)
        colours[(2 - measured) * size + i] = around(corners, x, y)
      }
    }
  }
  return colours
}

/**
 * The same along edges, after Hamilton & Adams (US patent 5,629,734, 1997): green goes along the direction that changes less, and red and
 * blue less green, which are smooth, go bilinearly. Not linear. Of noise alone it gives what it makes of noise where the picture is
 * flat: streaks along rows and columns.
 */
export function demosaickDirected(mosaic: Float32Array, width: number, height: number): Float32Array {
  const size = width * height
  const colours = new Float32Array(3 * size)
  const green = colours.subarray(size, 2 * size)
  const measured = (x: number, y: number): number =>
    x >= 0 && x < width && y >= 0 && y < height ? mosaic[y * width + x]! : 0
  const along = (x: number, y: number, dx: number, dy: number): { value: number; change: number } => {
    const [before, after] = [measured(x - dx, y - dy), measured(x + dx, y + dy)]
    const curve = 2 * measured(x, y) - measured(x - 2 * dx, y - 2 * dy) - measured(x + 2 * dx, y + 2 * dy)
    return {
      value: (before + after) / 2 + curve / 4,
      change: Math.abs(before - after) + Math.abs(curve),
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = [along(x, y, 1, 0), along(x, y, 0, 1)]
      green[y * width + x] =
        bayerColour(x, y) === 1 ? measured(x, y) : (across.change < down.change ? across : down).value
    }
  }
  for (const colour of [0, 2]) {
    const lessGreen = mosaic.map((value, i) =>
      bayerColour(i % width, Math.floor(i / width)) === colour ? value - green[i]! : 0,
    )
    for (let i = 0; i < size; i++) {
      const [x, y] = [i % width, Math.floor(i / width)]
      let sum = 0
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height)
            sum += ((2 - Math.abs(dx)) * (2 - Math.abs(dy)) * lessGreen[i + dy * width + dx]!) / 4
      colours[colour * size + i] = green[i]! + sum
    }
  }
  return colours
}
