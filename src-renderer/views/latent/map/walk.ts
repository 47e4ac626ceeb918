import type { LatentDirections, MapMethod } from '../../../../src-main/contract/latent.ts'

/**
 * The code at a place of a map: what the two dimensions or principal components of the map say there, and in all other directions
 * what `base` has. Null where a map has no way back (UMAP, pixels), or the directions are not known yet.
 * @param base null: the mean of the codes
 */
export function codeAt(
  method: MapMethod,
  directions: LatentDirections | null,
  [x, y]: readonly [number, number],
  base: readonly number[] | null = null,
): Float32Array<ArrayBuffer> | null {
  if (directions === null) return null
  const { mean } = directions
  const code = Float32Array.from(base ?? mean)
  if (method.type === 'raw') {
    code[method.x] = x
    code[method.y] = y
    return code
  }
  if (method.type !== 'pca') return null
  const [first, second] = [directions.components[method.x], directions.components[method.y]]
  if (first === undefined || second === undefined) return null
  const along = (direction: ArrayLike<number>): number =>
    code.reduce((sum, value, at) => sum + (value - mean[at]!) * direction[at]!, 0)
  const [byX, byY] = [x - along(first.direction), y - along(second.direction)]
  return code.map((value, at) => value + byX * first.direction[at]! + byY * second.direction[at]!)
}

/** Whether a map leads back to codes at all. */
export const isWalkable = ({ type }: MapMethod): boolean => type === 'raw' || type === 'pca'
