import { DarkroomError } from '../../contract/errors.ts'

/**
 * Refuses what are no codes of a model.
 * @param codes one after the other
 * @param size length of one
 * @param file named in errors
 * @throws latents-unsuitable naming the width, or the place of what is no finite number
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
