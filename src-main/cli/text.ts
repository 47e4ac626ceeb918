/** Hangul, kana, CJK and full-width forms: a terminal gives them two columns (UAX #11, East Asian Width W and F). */
const wide =
  /[ᄀ-ᅟ⺀-〾ぁ-㏿㐀-䶿一-鿿ꀀ-꓏ꥠ-꥿가-힣豈-﫿︰-﹯！-｠￠-￦]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** A text cut to a number of columns; a cut is shown by `…`. */
export function fitWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let fitted = ''
  let width = 1
  for (const { segment } of graphemes.segment(text)) {
    width += displayWidth(segment)
    if (width > columns) break
    fitted += segment
  }
  return columns > 0 ? `${fitted}…` : ''
}

/** A text that came from outside (a file name) without the control characters that could steer a terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd')

/** Bytes as megabytes (10⁶), or gigabytes from one on. */
export const byteSize = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`

/** Seconds as m:ss or h:mm:ss. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
