import type { ImagePage } from './image.ts'

/**
 * Sets black and white of linear intensities to the smallest and largest value in the file, in place: of float pages, whose
 * range nothing else tells, and of stacks of 16-bit gray pages, where a microscope often fills a small part of the
 * range. All pages share one range, so that they stay comparable. Floats that are no finite numbers become black: one of
 * them would spread over everything that a network sees.
 *
 * @returns whether there were such floats
 */
export function linearRange(pages: ImagePage[]): boolean {
  const isStack =
    pages.length > 1 && pages.every((page) => page.channels === 1 && page.data instanceof Uint16Array)
  const linear = isStack ? pages : pages.filter(({ data }) => data instanceof Float32Array)
  let black = Infinity
  let white = -Infinity
  for (const { data } of linear)
    for (const value of data)
      if (Number.isFinite(value)) {
        if (value < black) black = value
        if (value > white) white = value
      }
  if (black > white) [black, white] = [0, 1]
  // A constant image has no range of its own.
  if (black === white) white = black + 1
  let replaced = false
  for (const page of linear) {
    page.black = black
    page.white = white
    const { data } = page
    if (data instanceof Float32Array)
      for (let i = 0; i < data.length; i++)
        if (!Number.isFinite(data[i])) {
          data[i] = black
          replaced = true
        }
  }
  return replaced
}
