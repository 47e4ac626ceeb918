import { DarkroomError } from '../../contract/errors.ts'
import { listNames } from '../data/labels.ts'
import type { Units } from './units.ts'

/** What normal items are called where nobody says it. */
const usualNames = /^(normal|good|ok|free)$/i

const unusable = (file: string, expected: string, received: string): DarkroomError =>
  new DarkroomError('labels-unusable', { file, expected, received })

/** Refuses labels of normal items that no item has. @throws labels-unusable naming those that there are */
export function checkNormal(labels: Units['labels'], normal: readonly string[], file: string): void {
  if (labels === null) throw unusable(file, 'labels, which say what each item is (--labels)', 'none')
  const unknown = normal.filter((name) => !labels.names.includes(name))
  if (unknown.length > 0)
    throw unusable(file, `labels that there are: ${listNames(labels.names)}`, unknown.join(', '))
}

/**
 * Labels of the normal items of data that are judged: those that were named, those that the detector was fitted with as far as there are such,
 * or what normal items are usually called.
 * @param isNamed whether somebody named these labels; those that a run's data just happen to have may say something else
 * @returns null of data without labels
 * @throws labels-unusable where labels were named, and none of them is there
 */
export function normalLabels(
  labels: Units['labels'],
  { asked, fitted, isNamed }: { asked: string[] | null; fitted: string[] | null; isNamed: boolean },
  file: string,
): string[] | null {
  if (asked !== null) checkNormal(labels, asked, file)
  if (labels === null || asked !== null) return asked
  for (const isNormal of [
    (name: string) => fitted?.includes(name) === true,
    (name: string) => usualNames.test(name),
  ]) {
    const found = labels.names.filter(isNormal)
    if (found.length > 0) return found
  }
  if (!isNamed) return null
  throw unusable(file, `which labels are normal (--normal), of: ${listNames(labels.names)}`, 'none')
}
