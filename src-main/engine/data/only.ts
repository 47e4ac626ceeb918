import { DarkroomError } from '../../contract/errors.ts'
import type { Groups } from './dataset.ts'
import { labelsOf, listNames, type Labels } from './labels.ts'
import type { Described } from './sample-source.ts'

/**
 * The items that have one of some labels, by their place.
 * @throws argument-invalid without labels, or for one that no item has
 */
export function itemsWith(labels: Labels | null, only: readonly string[]): Int32Array {
  if (labels === null)
    throw new DarkroomError('argument-invalid', {
      file: '--only',
      expected: 'labels beside it, which say what each item is (--labels)',
      received: only.join(', '),
    })
  const wanted = new Set(
    only.map((name) => {
      const at = labels.names.indexOf(name)
      if (at !== -1) return at
      throw new DarkroomError('argument-invalid', {
        file: '--only',
        expected: `labels that there are: ${listNames(labels.names)}`,
        received: name,
      })
    }),
  )
  return Int32Array.from(labels.of.keys()).filter((index) => wanted.has(labels.of[index]!))
}

/** What is known of some items of a source, as if there were no others. */
export function describeKept(all: Described, kept: Int32Array): Described {
  const { labels, groups } = all
  const nameOf = (index: number): string | null => labels?.names[labels.of[index]!] ?? null
  return {
    ...all,
    name: (index) => all.name(kept[index]!),
    labels: labels && labelsOf([...kept].map(nameOf), '', ''),
    groups: groups && keepGroups(groups, kept),
  }
}

function keepGroups({ names, sizes, starts, ...groups }: Groups, kept: Int32Array): Groups {
  const before = kept.map((index) => groups.of[index]!)
  const used = [...new Set(before)].sort((a, b) => a - b)
  const numbers = new Map(used.map((group, number) => [group, number]))
  const axes = groups.extent.length
  return {
    ...groups,
    of: before.map((group) => numbers.get(group)!),
    names: used.map((group) => names[group]!),
    sizes: used.map((group) => sizes[group]!),
    starts: Int32Array.from({ length: axes * kept.length }, (_, i) => {
      return starts[axes * kept[Math.floor(i / axes)]! + (i % axes)]!
    }),
  }
}
