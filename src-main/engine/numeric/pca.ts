import { symmetricEigen } from './eigen.ts'
import type { Random } from './random.ts'

/** The directions of largest variance of a table. */
export interface Pca {
  mean: Float64Array
  /** Of length 1, at right angles to each other, by falling variance; 0 where rows vary in fewer directions than were asked for. */
  components: Float64Array[]
  /** Variance along each component. */
  variances: Float64Array
  /** Variance along all directions together. */
  total: number
}

/** More directions than are asked for, and rounds, that the subspace iteration takes: they decide how near it comes. */
const spare = 16
const rounds = 12

/** From so many columns on the rows are gone through instead of multiplying out their covariance. */
const wide = 1024
/** Up to so many rows for each direction products of all pairs of rows cost less than to go through the rows in every round. */
const gramRows = 4 * rounds

/**
 * Principal components by subspace iteration on the covariance matrix with a Rayleigh–Ritz step at the end (Halko, Martinsson & Tropp,
 * SIAM Review 2011); of few long rows on the matrix of their products (Turk & Pentland 1991). Of each component the largest entry is
 * positive.
 * @param rows one after the other, [count, columns].
 * @param random of the directions to start from.
 */
export function fitPca(rows: Float32Array, columns: number, dimensions: number, random: Random): Pca {
  const mean = meanOf(rows, columns)
  const count = rows.length / columns
  const width = Math.min(columns, dimensions + spare)
  const useGram = columns >= wide && count >= width && count <= gramRows * width
  const multiply =
    columns < wide ? byCovariance(rows, mean) : useGram ? byGram(rows, mean) : byRows(rows, mean)
  const { values, vectors } = leading(multiply, useGram ? count : columns, width, random)
  const kept = vectors.slice(0, dimensions)
  const components = useGram ? kept.map((weights) => combined(rows, mean, weights)) : kept
  return {
    mean,
    components: components.map(withSign),
    variances: values.slice(0, dimensions),
    total: totalVariance(rows, mean),
  }
}

/** The largest eigenvalues and their vectors of a symmetric matrix, by products with it. @param width so many of them */
function leading(
  multiply: Multiply,
  length: number,
  width: number,
  random: Random,
): { values: Float64Array; vectors: Float64Array[] } {
  let basis: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length }, () => random.normal()),
  )
  for (let round = 0; round < rounds; round++) {
    orthonormalise(basis)
    basis = multiply(basis)
  }
  orthonormalise(basis)
  const images = multiply(basis)
  const small = Float64Array.from({ length: width * width }, (_, i) =>
    dot(basis[Math.floor(i / width)]!, images[i % width]!),
  )
  const { values, vectors } = symmetricEigen(small, width)
  const combinations = vectors.map((weights) => {
    const combination = new Float64Array(length)
    basis.forEach((vector, i) => {
      addScaled(combination, weights[i]!, vector)
    })
    return combination
  })
  return { values, vectors: combinations }
}

/** Where rows lie along the components: [count, dimensions]. */
export function projectPca({ mean, components }: Pca, rows: Float32Array): Float32Array {
  const columns = mean.length
  const places = new Float32Array((rows.length / columns) * components.length)
  for (let from = 0, to = 0; from < rows.length; from += columns)
    for (const component of components) {
      let sum = 0
      for (let i = 0; i < columns; i++) sum += (rows[from + i]! - mean[i]!) * component[i]!
      places[to++] = sum
    }
  return places
}

/** What is left of rows when only their first so many components are kept: mean + Σ ⟨x − mean, c⟩ c. */
export function reconstructPca(
  { mean, components }: Pca,
  rows: Float32Array,
  dimensions: number,
): Float32Array {
  const columns = mean.length
  const result = new Float32Array(rows.length)
  for (let from = 0; from < rows.length; from += columns) {
    const centred = Float64Array.from(mean, (m, i) => rows[from + i]! - m)
    const sum = mean.slice()
    for (const component of components.slice(0, dimensions))
      addScaled(sum, dot(centred, component), component)
    result.set(sum, from)
  }
  return result
}

function meanOf(rows: Float32Array, columns: number): Float64Array {
  const mean = new Float64Array(columns)
  const count = rows.length / columns
  for (let from = 0; from < rows.length; from += columns)
    for (let i = 0; i < columns; i++) mean[i]! += rows[from + i]! / count
  return mean
}

function totalVariance(rows: Float32Array, mean: Float64Array): number {
  let sum = 0
  for (let from = 0; from < rows.length; from += mean.length)
    for (let i = 0; i < mean.length; i++) sum += (rows[from + i]! - mean[i]!) ** 2
  return sum / (rows.length / mean.length)
}

type Multiply = (vectors: Float64Array[]) => Float64Array[]

/** Products with the covariance matrix, which takes columns² · 8 bytes. */
function byCovariance(rows: Float32Array, mean: Float64Array): Multiply {
  const columns = mean.length
  const count = rows.length / columns
  const covariance = new Float64Array(columns * columns)
  // Four rows at a time: the matrix is gone through a quarter as often.
  const [a, b, c, d] = Array.from({ length: 4 }, () => new Float64Array(columns)) as [
    ...[Float64Array, Float64Array, Float64Array, Float64Array],
  ]
  for (let row = 0; row < count; row += 4) {
    for (const [k, centred] of [a, b, c, d].entries())
      for (let i = 0, at = (row + k) * columns; i < columns; i++, at++)
        centred[i] = row + k < count ? rows[at]! - mean[i]! : 0
    for (let i = 0; i < columns; i++) {
      const [ai, bi, ci, di] = [a[i]! / count, b[i]! / count, c[i]! / count, d[i]! / count]
      for (let j = i, to = i * columns + i; j < columns; j++, to++)
        covariance[to]! += ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) covariance[i * columns + j] = covariance[j * columns + i]!
  return (vectors) => vectors.map((vector) => times(covariance, vector))
}

/** The same without the matrix: Σ (x − mean) ⟨x − mean, v⟩ / count. */
function byRows(rows: Float32Array, mean: Float64Array): Multiply {
  const columns = mean.length
  const count = rows.length / columns
  const centred = new Float64Array(columns)
  return (vectors) => {
    const products = vectors.map(() => new Float64Array(columns))
    for (let from = 0; from < rows.length; from += columns) {
      for (let i = 0; i < columns; i++) centred[i] = rows[from + i]! - mean[i]!
      for (const [v, vector] of vectors.entries())
        addScaled(products[v]!, dot(centred, vector) / count, centred)
    }
    return products
  }
}

/** Products with the matrix of the centred rows' products with each other / count, which takes count² · 8 bytes: it has the same eigenvalues. */
function byGram(rows: Float32Array, mean: Float64Array): Multiply {
  const columns = mean.length
  const count = rows.length / columns
  const ofMean = Float64Array.from({ length: count }, (_, i) =>
    mean.reduce((sum, value, c) => sum + value * rows[i * columns + c]!, 0),
  )
  const meanSquare = dot(mean, mean)
  const gram = new Float64Array(count * count)
  for (let i = 0; i < count; i++)
    // Four rows at a time: the one is gone through a quarter as often.
    for (let j = 0; j <= i; j += 4) {
      const last = Math.min(4, count - j) - 1
      const starts = [0, 1, 2, 3].map((k) => (j + Math.min(k, last)) * columns)
      const sums = fourProducts(rows, i * columns, starts, columns)
      for (let k = 0; k <= last; k++)
        gram[i * count + j + k] = gram[(j + k) * count + i] =
          (sums[k]! - ofMean[i]! - ofMean[j + k]! + meanSquare) / count
    }
  return (vectors) => vectors.map((vector) => times(gram, vector))
}

/** Products of the values from one place on with those from four others. */
function fourProducts(rows: Float32Array, from: number, starts: number[], length: number): number[] {
  let [a, b, c, d] = starts as [number, number, number, number]
  let [ofA, ofB, ofC, ofD] = [0, 0, 0, 0]
  for (let at = from; at < from + length; at++) {
    const value = rows[at]!
    ofA += value * rows[a++]!
    ofB += value * rows[b++]!
    ofC += value * rows[c++]!
    ofD += value * rows[d++]!
  }
  return [ofA, ofB, ofC, ofD]
}

/** Σ weight · (x − mean) over the rows, of length 1; 0 where rows do not vary that way. */
function combined(rows: Float32Array, mean: Float64Array, weights: Float64Array): Float64Array {
  const columns = mean.length
  const sum = new Float64Array(columns)
  let whole = 0
  for (const [row, weight] of weights.entries())
    for (let c = 0, at = row * columns; c < columns; c++, at++) {
      const part = weight * (rows[at]! - mean[c]!)
      sum[c]! += part
      whole += part * part
    }
  const length = Math.sqrt(dot(sum, sum))
  return sum.map((value) => (length > leastLeft * Math.sqrt(whole) ? value / length : 0))
}

/** A component's sign is free: it is set so that the same data give the same picture. */
function withSign(component: Float64Array): Float64Array {
  let largest = 0
  for (const value of component) if (Math.abs(value) > Math.abs(largest)) largest = value
  return largest < 0 ? component.map((value) => -value) : component
}

/** Share of a vector's length below which what is left of it is rounding. */
const leastLeft = 1e-10

/**
 * Gram–Schmidt, in place, each vector twice against those before it: once leaves what rounding brought back. One of which nothing is left,
 * as where rows vary in fewer directions than are asked for, becomes 0: its rest points anywhere, and would be made a direction of its own.
 */
function orthonormalise(vectors: Float64Array[]): void {
  vectors.forEach((vector, i) => {
    const whole = Math.sqrt(dot(vector, vector))
    for (let pass = 0; pass < 2; pass++)
      for (const before of vectors.slice(0, i)) addScaled(vector, -dot(vector, before), before)
    const length = Math.sqrt(dot(vector, vector))
    if (length > leastLeft * whole) for (let k = 0; k < vector.length; k++) vector[k]! /= length
    else vector.fill(0)
  })
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length
  return Float64Array.from({ length: n }, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), vector))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function addScaled(target: Float64Array, scale: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += scale * vector[i]!
}
