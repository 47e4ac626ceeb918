/** What of a keyboard event matters. */
export type DigitPress = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** The digit of a press without modifiers; by its place where a layout has digits above Shift alone, as the French one. Null for others. */
export function digitOf({ key, code, shiftKey, ctrlKey, metaKey, altKey }: DigitPress): number | null {
  if (ctrlKey || metaKey || altKey) return null
  if (/^[0-9]$/.test(key)) return Number(key)
  const place = /^Digit([0-9])$/.exec(code)?.[1]
  return place === undefined || shiftKey ? null : Number(place)
}
