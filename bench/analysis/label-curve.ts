import { axes, colours, frame, picture, scaleX, scaleY, text } from './svg.ts'

/** Lines of the picture, by the beginning of their name in the table. */
const lines = [
  { name: 'self-trained', colour: colours.third },
  { name: 'fine-tuned', colour: colours.second },
  { name: 'frozen encoder', colour: colours.first },
  { name: 'the same net from scratch', colour: '#e76300' },
  { name: 'logistic regression, pixels', colour: colours.gray },
]
/** Points of two lines, in pixels: intervals would hide each other. */
const beside = 7
/** Decades that the axis goes on for at both ends. */
const margin = 0.25
/** Accuracies whose names stand no nearer than this, in pixels. */
const apart = 17

/** Accuracy over labels, logarithmic, from the table that `bench/labels.ts` prints. */
export function labelCurve(table: string): string {
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.split('|').slice(1, -1))
  const counts = rows[0]!.slice(1).map((cell) => Number.parseInt(cell.replaceAll(',', ''), 10))
  const found = lines.flatMap(({ name, colour }) => {
    const row = rows.slice(1).find((cells) => cells[0]!.replaceAll('*', '').trim() === name)
    if (row === undefined) return []
    const points = row.slice(1).flatMap((cell, i) => {
      const [value, half = '0'] = cell.replaceAll('*', '').split('(')[0]!.split('±')
      const accuracy = Number.parseFloat(value!)
      return Number.isNaN(accuracy)
        ? []
        : [{ log: Math.log10(counts[i]!), accuracy, half: Number.parseFloat(half) }]
    })
    return [{ name, colour, points }]
  })
  if (found.length === 0) throw new Error('no table of bench/labels.ts')
  const values = found.flatMap(({ points }) => points.map(({ accuracy, half }) => accuracy - half))
  const [from, to] = [Math.floor(Math.min(...values) / 10) * 10, Math.ceil(Math.max(...values) / 10) * 10]
  const logs = counts.map((count) => Math.log10(count))
  const x = scaleX(logs[0]! - margin, logs.at(-1)! + margin)
  const y = scaleY(from, to)
  const ends = found
    .map(({ name, colour, points }) => ({ name, colour, at: y(points.at(-1)!.accuracy) }))
    .sort((a, b) => a.at - b.at)
  ends.forEach((end, i) => {
    if (i > 0) end.at = Math.max(end.at, ends[i - 1]!.at + apart)
  })
  return picture([
    axes(
      counts.map((count) => ({ at: x(Math.log10(count)), words: count.toLocaleString('en') })),
      Array.from({ length: (to - from) / 10 + 1 }, (_, i) => ({
        at: y(from + 10 * i),
        words: `${from + 10 * i} %`,
      })),
      'labels',
    ),
    ...found.map(({ colour, points }, place) => {
      const at = (log: number): string => (x(log) + beside * (place - (found.length - 1) / 2)).toFixed(1)
      const places = points.map(({ log, accuracy }) => `${at(log)} ${y(accuracy).toFixed(1)}`)
      const whiskers = points.map(
        ({ log, accuracy, half }) =>
          `M${at(log)} ${y(accuracy - half).toFixed(1)}V${y(accuracy + half).toFixed(1)}`,
      )
      const dots = points.map(
        ({ log, accuracy }) =>
          `<circle cx="${at(log)}" cy="${y(accuracy).toFixed(1)}" r="3.5" fill="${colour}"/>`,
      )
      return `<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-opacity="0.6"/><path d="${whiskers.join('')}" stroke="${colour}" stroke-width="2"/>${dots.join('')}`
    }),
    ...ends.map(({ name, colour, at }) => text(frame.width - frame.right + 10, at, name, { colour })),
  ])
}
