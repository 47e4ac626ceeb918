/** Where a plot is drawn, in pixels: the frame around its axes. */
export const frame = { width: 700, height: 360, left: 70, right: 220, top: 20, bottom: 50 }
export const colours = { first: '#3f90da', second: '#bd1f01', third: '#832db6', gray: '#717581' }

/** Places of a plot's axes. @param from,to values at the ends */
export const scaleX = (from: number, to: number) => (value: number) =>
  frame.left + ((value - from) / (to - from)) * (frame.width - frame.left - frame.right)
export const scaleY = (from: number, to: number) => (value: number) =>
  frame.height - frame.bottom - ((value - from) / (to - from)) * (frame.height - frame.top - frame.bottom)

export function text(
  x: number,
  y: number,
  words: string,
  { anchor = 'start', colour = '#222' }: { anchor?: 'start' | 'middle' | 'end'; colour?: string } = {},
): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" dominant-baseline="middle" fill="${colour}">${words}</text>`
}

/** Words below the axis, and lines across with their values. */
export function axes(
  x: { at: number; words: string }[],
  y: { at: number; words: string }[],
  caption: string,
): string {
  const right = frame.width - frame.right
  return [
    ...y.map(({ at, words }) => {
      const line = `<path d="M${frame.left} ${at.toFixed(1)}H${right}" stroke="#ddd"/>`
      return line + text(frame.left - 8, at, words, { anchor: 'end' })
    }),
    ...x.map(({ at, words }) => text(at, frame.height - frame.bottom + 16, words, { anchor: 'middle' })),
    text((frame.left + right) / 2, frame.height - 12, caption, { anchor: 'middle' }),
  ].join('\n')
}

export const picture = (parts: string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${frame.height}" font-family="sans-serif" font-size="14">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...parts,
    '</svg>\n',
  ].join('\n')
