import type { LatentDirections, MapMethod } from '../../../../src-main/contract/latent.ts'

/**
 * The code at a place of a map: of dimensions of the code, these, and the mean of the others; of principal components, the mean
 * and so much of either component. Null where a map has no way back (UMAP, pixels), or the directions are not known yet.
 */
export function codeAt(
  method: MapMethod,
  directions: LatentDirections | null,
  [x, y]: readonly [number, number],
): Float32Array<ArrayBuffer> | null {
  if (directions === null) return null
  const code = Float32Array.from(directions.mean)
  if (method.type === 'raw') {
    code[method.x] = x
    code[method.y] = y
    return code
  }
  if (method.type !== 'pca') return null
  const [first, second] = [directions.components[method.x], directions.components[method.y]]
  if (first === undefined || second === undefined) return null
  return code.map((mean, at) => mean + x * first.direction[at]! + y * second.direction[at]!)
}

/** Whether a map leads back to codes at all. */
export const isWalkable = ({ type }: MapMethod): boolean => type === 'raw' || type === 'pca'
