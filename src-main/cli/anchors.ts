import { existsSync } from 'node:fs'
import type { AnchorInput } from '../contract/latent.ts'

/**
 * A code as it is named on the command line: a picture's file, an item of a dataset by its place (`images.idx.gz#12`), or a draw from the
 * prior (`seed:7`, `seed:7#3` for the fourth of that seed).
 */
export function parseAnchor(text: string, labels: string | null = null): AnchorInput {
  const seed = /^seed:(\d+)(?:#(\d+))?$/.exec(text)
  if (seed !== null) return { from: 'seed', seed: Number(seed[1]), index: Number(seed[2] ?? 0) }
  const item = /^(.+)#(\d+)$/.exec(text)
  // A file may have such a name itself.
  if (item === null || existsSync(text)) return { from: 'file', path: text }
  return { from: 'item', data: { sources: [item[1]!], labels }, index: Number(item[2]) }
}
