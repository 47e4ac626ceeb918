import type { AnomalyScores } from '../../src-main/contract/analysis.ts'
import { axes, colours, frame, picture, scaleX, scaleY, text } from './svg.ts'

const bins = 48

/** Scores of normal and of other items as two histograms over a logarithmic axis, with the threshold. */
export function histograms({ scores, truth, summary: { threshold } }: AnomalyScores): string {
  const logs = Array.from(scores, (score) => Math.log10(Math.max(score, 1e-12)))
  const [from, to] = [Math.min(...logs), Math.max(...logs)]
  const counts = [1, 0].map((kind) => {
    const filled = new Array<number>(bins).fill(0)
    logs.forEach((log, i) => {
      if (truth?.[i] === kind) filled[Math.min(bins - 1, Math.floor(((log - from) / (to - from)) * bins))]!++
    })
    return filled
  })
  const most = Math.max(...counts.flat())
  const [x, y] = [scaleX(from, to), scaleY(0, most)]
  const step = most > 120 ? 50 : most > 50 ? 20 : 10
  const outlines = counts.map((filled, kind) => {
    const tops = filled.map(
      (count, i) =>
        `H${x(from + (i / bins) * (to - from)).toFixed(1)}V${y(count).toFixed(1)}H${x(from + ((i + 1) / bins) * (to - from)).toFixed(1)}`,
    )
    const colour = kind === 0 ? colours.first : colours.second
    return `<path d="M${x(from).toFixed(1)} ${y(0).toFixed(1)}${tops.join('')}V${y(0).toFixed(1)}Z" fill="${colour}" fill-opacity="0.45" stroke="${colour}"/>`
  })
  const line = x(Math.log10(threshold.value))
  const decades = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => Math.floor(from) + i)
  const right = frame.width - frame.right + 12
  const high = (threshold.falseAlarms.high * 100).toFixed(1)
  const low = (threshold.falseAlarms.low * 100).toFixed(1)
  return picture([
    axes(
      decades
        .filter((log) => log >= from && log <= to)
        .map((log) => ({ at: x(log), words: `${Number((10 ** log).toPrecision(1))}` })),
      Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => ({
        at: y(i * step),
        words: `${i * step}`,
      })),
      'reconstruction error of an item',
    ),
    ...outlines,
    `<path d="M${line.toFixed(1)} ${frame.top}V${frame.height - frame.bottom}" stroke="#222" stroke-dasharray="5 4"/>`,
    text(right, 40, 'normal', { colour: colours.first }),
    text(right, 62, 'anomalous', { colour: colours.second }),
    text(right, 92, '┆ threshold'),
    text(right, 112, `${low}–${high} % of`, { colour: colours.gray }),
    text(right, 130, 'normal items above', { colour: colours.gray }),
  ])
}
