/** A matrix, row-major. */
export interface Matrix {
  rows: number
  columns: number
  data: Float32Array
}

export function transposed({ rows, columns, data }: Matrix): Matrix {
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!
  return { rows: columns, columns: rows, data: out }
}

/**
 * The [to, from] matrix that resizes one image axis as tfjs (and TensorFlow 1) does: output sample i reads at
 * i · s, or (i + ½) · s (− ½ for bilinear) with half pixel centres, where s = from / to, or (from − 1) / (to − 1) with
 * aligned corners. Nearest rounds down (to the nearest with aligned corners), bilinear weighs the two neighbours.
 */
export function resizeMatrix(
  kind: 'nearest' | 'bilinear',
  from: number,
  to: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Matrix {
  const aligned = alignCorners && to > 1
  const scale = aligned ? (from - 1) / (to - 1) : from / to
  const data = new Float32Array(to * from)
  const add = (i: number, j: number, weight: number) => {
    const at = i * from + Math.max(0, Math.min(from - 1, j))
    data[at] = data[at]! + weight
  }
  for (let i = 0; i < to; i++) {
    if (kind === 'nearest') {
      const position = scale * (halfPixelCenters ? i + 0.5 : i)
      add(i, alignCorners ? Math.round(position) : Math.floor(position), 1)
      continue
    }
    const position = Math.max(0, halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i)
    const below = Math.floor(position)
    const fraction = position - below
    add(i, below, 1 - fraction)
    add(i, below + 1, fraction)
  }
  return { rows: to, columns: from, data }
}
