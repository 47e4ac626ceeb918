import { DarkroomError } from '../../contract/errors.ts'

/** @param file named in the error @throws latents-unsuitable where codes are longer or shorter than a model's */
export function checkWidth(width: number, size: number, file?: string): void {
  if (width === size) return
  throw new DarkroomError('latents-unsuitable', {
    ...(file === undefined ? {} : { file }),
    expected: `codes of ${size} numbers`,
    received: `${width}`,
  })
}

/**
 * Refuses what are no codes of a model.
 * @param codes one after the other
 * @param size length of one
 * @param file named in errors
 * @throws latents-unsuitable naming how many numbers there are, or the place of one that is not finite
 */
export function checkCodes(codes: ArrayLike<number>, size: number, file?: string): void {
  const named = file === undefined ? {} : { file }
  if (codes.length === 0 || codes.length % size !== 0)
    throw new DarkroomError('latents-unsuitable', {
      ...named,
      expected: `codes of ${size} numbers`,
      received: `${codes.length} numbers`,
    })
  for (let i = 0; i < codes.length; i++)
    if (!Number.isFinite(codes[i]))
      throw new DarkroomError('latents-unsuitable', {
        ...named,
        expected: 'finite numbers',
        received: `code ${Math.floor(i / size)}, z${i % size}: ${codes[i]!}`,
      })
}
