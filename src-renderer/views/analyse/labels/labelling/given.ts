import type { LabelSet, LabelSetOf } from '../../../../../src-main/contract/label-sets.ts'

export type LabelClass = LabelSet['classes'][number]

/** What a person has given by hand. */
export interface Given {
  classes: readonly LabelClass[]
  /** Class of each labelled item, by the item's place in the data. */
  labels: ReadonlyMap<number, number>
  /** Items that the last change was about, by their place in the data. */
  about: readonly number[]
}

export const nothingGiven: Given = { classes: [], labels: new Map(), about: [] }

/** Digits in the order in which they lie on a keyboard. */
export const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] as const

/** Characters of a class's name. */
export const longestName = 120

/** With the items in a class; null takes their labels away. */
export function withLabels({ classes, labels }: Given, items: readonly number[], to: number | null): Given {
  const next = new Map(labels)
  for (const item of items) {
    if (to === null) next.delete(item)
    else next.set(item, to)
  }
  return { classes, labels: next, about: items }
}

/** The place of the class of that name, whatever its capitals; −1 for none. */
export const classNamed = (classes: readonly LabelClass[], name: string): number =>
  classes.findIndex((one) => one.name.toLowerCase() === name.trim().toLowerCase())

/** With another class at the end. @param key the digit that gives it; the first that is free where that is taken */
export function withClass(given: Given, name: string, key: number | null): Given {
  const taken = new Set(given.classes.map((one) => one.key))
  const free = key !== null && !taken.has(key) ? key : (digits.find((digit) => !taken.has(digit)) ?? null)
  const made = { name: name.trim().slice(0, longestName), key: free }
  return { ...given, classes: [...given.classes, made], about: [] }
}

/** With another name for a class; as it is where another class has that name, or it is none. */
export function withName(given: Given, place: number, name: string): Given {
  const there = classNamed(given.classes, name)
  if (name.trim() === '' || (there >= 0 && there !== place)) return given
  const classes = given.classes.map((one, at) =>
    at === place ? { ...one, name: name.trim().slice(0, longestName) } : one,
  )
  return { ...given, classes, about: [] }
}

/** Without a class and its labels. */
export function withoutClass({ classes, labels }: Given, place: number): Given {
  const left = [...labels].filter(([, own]) => own !== place)
  return {
    classes: classes.filter((_, at) => at !== place),
    labels: new Map(left.map(([item, own]) => [item, own > place ? own - 1 : own])),
    about: [...labels].filter(([, own]) => own === place).map(([item]) => item),
  }
}

/** Places of the classes whose name has the text in it, those that begin with it first. */
export function classesLike(classes: readonly LabelClass[], text: string): number[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const found = classes.map(({ name }, place) => ({ place, at: name.toLowerCase().indexOf(wanted) }))
  return found
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.sign(a.at) - Math.sign(b.at) || a.place - b.place)
    .map(({ place }) => place)
}

/** Labels of each class. */
export function countsOf({ classes, labels }: Given): number[] {
  const counts = classes.map(() => 0)
  for (const place of labels.values()) counts[place]! += 1
  return counts
}

/** As they are kept. */
export const setOf = (of: LabelSetOf, { classes, labels }: Given): LabelSet => ({
  ...of,
  classes: [...classes],
  labels: [...labels].map(([index, place]) => ({ index, class: place })),
})

/** As they were kept. Labels of classes that there are not are left out. */
export const givenIn = ({ classes, labels }: LabelSet): Given => ({
  classes,
  labels: new Map(
    labels
      .filter((one) => one.class < classes.length)
      .map(({ index, class: place }): [number, number] => [index, place]),
  ),
  about: [],
})

/** As a job takes them. */
export const labelledIn = ({ classes, labels }: Given): { index: number; label: string }[] =>
  [...labels].map(([index, place]) => ({ index, label: classes[place]!.name }))
