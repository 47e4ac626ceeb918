import { latin1, viewOf } from './bytes.ts'

/** Longer names are cut: they are shown in one line. */
const longestName = 200

/**
 * The name that an ICC profile has for people: its profileDescriptionTag (ICC.1:2022, 9.2.41), as plain text (version 2) or
 * in several languages (version 4), of which the first is taken. Null for a profile that has none or is damaged.
 */
export function profileName(icc: Uint8Array): string | null {
  try {
    const view = viewOf(icc)
    for (let tag = 0; tag < Math.min(view.getUint32(128), 100); tag++) {
      const entry = 132 + 12 * tag
      if (latin1(icc.subarray(entry, entry + 4)) !== 'desc') continue
      const at = view.getUint32(entry + 4)
      const name = descriptionAt(icc, view, at)
      return name === '' ? null : name.slice(0, longestName)
    }
  } catch (error) {
    // An offset beyond the end of a profile that was cut off.
    if (!(error instanceof RangeError)) throw error
  }
  return null
}

function descriptionAt(icc: Uint8Array, view: DataView, at: number): string {
  const type = latin1(icc.subarray(at, at + 4))
  if (type === 'desc') return untilZero(latin1(icc.subarray(at + 12, at + 12 + view.getUint32(at + 8))))
  if (type !== 'mluc' || view.getUint32(at + 8) === 0) return ''
  const length = view.getUint32(at + 20)
  const text = icc.slice(at + view.getUint32(at + 24)).subarray(0, length)
  return untilZero(new TextDecoder('utf-16be').decode(text))
}

const untilZero = (text: string): string => text.split('\0')[0]!.trim()
