import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { curveColour, paletteSize, roomy, type ChartMark, type ChartSeries } from './chart.ts'

export interface ChartPlotOptions {
  xLabel: string
  isLog: boolean
  series: readonly ChartSeries[]
  isShown: (series: ChartSeries) => boolean
  /** Read anew with every drawing: these may change meanwhile. */
  live: {
    readonly x: readonly number[]
    readonly marks: readonly ChartMark[]
    showX: (value: number) => string
    showY: (value: number) => string
    /** The place that the pointer is at. */
    onpoint: (place: number | null) => void
  }
}

/** Draws a chart into its host. Its colours follow the theme, its size the host's. */
export function createChartPlot(
  host: HTMLElement,
  { xLabel, isLog, series, isShown, live }: ChartPlotOptions,
): uPlot {
  let look = readLook(host)
  const font = `${look.size}px ${look.family}`
  const axis = {
    stroke: () => look.ink,
    font,
    labelFont: font,
    grid: { stroke: () => look.line, width: 1 },
    ticks: { stroke: () => look.line, width: 1, size: 4 },
  }
  const u = new uPlot(
    {
      width: Math.max(host.clientWidth, 120),
      height: Math.max(host.clientHeight, 120),
      legend: { show: false },
      // Above the curves stand the names of the marks.
      padding: [() => (live.marks.length > 0 ? 2 : 0.75) * look.size, null, null, null],
      // Dragging would zoom into what the next row moves away again.
      cursor: { drag: { x: false, y: false, setScale: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: (_u, least, most) => roomy(least, most) },
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum exists in uPlot's types only
        y: { distr: isLog ? 3 : 1 },
      },
      axes: [
        {
          ...axis,
          label: xLabel,
          labelSize: 18,
          size: 26,
          gap: 4,
          incrs: (_u, _axis, least, most) => (most - least > 4 ? wholeSteps : smallSteps),
          // So that the longest label does not touch its neighbours.
          space: () => Math.max(48, live.showX(live.x.at(-1) ?? 0).length * look.size * 0.7 + 16),
          values: (_u, splits) => splits.map((split) => live.showX(split)),
        },
        {
          ...axis,
          gap: 4,
          ...(isLog
            ? { filter: (self: uPlot, splits: number[]) => roundOnes(splits, self.scales['y']!) }
            : {}),
          size: (self, values) => {
            self.ctx.font = font
            const widths = ((values as string[] | null) ?? []).map(
              (value) => self.ctx.measureText(value).width,
            )
            return Math.ceil(Math.max(24, ...widths)) + 12
          },
          values: (_u, splits) =>
            splits.map((split) => ((split as number | null) === null ? '' : live.showY(split))),
        },
      ],
      series: [
        {},
        ...series.map((one) => ({
          label: one.label,
          show: isShown(one),
          stroke: () => look.curves[(one.colour - 1) % paletteSize]!,
          width: one.isDashed ? 2 : 1.5,
          spanGaps: true,
          ...(one.isDashed ? { dash: [5, 3] } : {}),
          // Few places are seen better as points, and one place is seen at all.
          points: {
            show: () => live.x.length <= 40,
            size: 5,
            fill: () => look.curves[(one.colour - 1) % paletteSize]!,
          },
        })),
      ],
      hooks: {
        draw: [(self) => drawMarks(self, live.marks, look)],
        setCursor: [(self) => live.onpoint(self.cursor.idx ?? null)],
      },
    },
    alignedData(live.x, series),
    host,
  )
  const resized = new ResizeObserver(() => {
    u.setSize({ width: Math.max(host.clientWidth, 120), height: Math.max(host.clientHeight, 120) })
  })
  resized.observe(host)
  const repaint = (): void => {
    look = readLook(host)
    u.redraw(false, true)
  }
  const themed = new MutationObserver(repaint)
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const darkness = matchMedia('(prefers-color-scheme: dark)')
  darkness.addEventListener('change', repaint)
  // Fonts come when they are first needed.
  void document.fonts.ready.then(() => u.status === 1 && repaint())
  u.hooks.destroy = [
    () => {
      resized.disconnect()
      themed.disconnect()
      darkness.removeEventListener('change', repaint)
    },
  ]
  return u
}

/** What uPlot draws of the curves as they are now. */
export const alignedData = (x: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData =>
  [x, ...series.map(({ values }) => values)] as uPlot.AlignedData

/** Colours and fonts as they are now: a canvas knows no custom properties. */
function readLook(host: HTMLElement) {
  const colour = (name: string): string => {
    // A new element each time: the colour of one that is there already may be on its way from another.
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    host.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  const { fontSize, fontFamily } = getComputedStyle(host)
  return {
    ink: colour('--ink-faint'),
    line: colour('--line'),
    curves: Array.from({ length: paletteSize }, (_, index) => colour(curveColour(index + 1))),
    size: Number.parseFloat(fontSize),
    family: fontFamily,
  }
}
type Look = ReturnType<typeof readLook>

/** Of the places of a logarithmic axis those that get a number: the more decades, the fewer. */
function roundOnes(splits: number[], { min = 1, max = 1 }: uPlot.Scale): (number | null)[] {
  const decades = Math.log10(max / min)
  const digits = decades < 0.8 ? '123456789' : decades < 2.5 ? '125' : '1'
  return splits.map((split) => (digits.includes(split.toExponential()[0]!) ? split : null))
}

/** Whole numbers where there is room for some: nobody thinks of epoch 2.5. */
const wholeSteps = Array.from(
  { length: 27 },
  (_, index) => [1, 2, 5][index % 3]! * 10 ** Math.floor(index / 3),
)
const smallSteps = [0.001, 0.01, 0.1, 1].flatMap((size) => [1, 2, 5].map((digit) => digit * size))

function drawMarks(u: uPlot, marks: readonly ChartMark[], look: Look): void {
  const { ctx, bbox } = u
  ctx.save()
  ctx.strokeStyle = look.ink
  ctx.fillStyle = look.ink
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.textAlign = 'left'
  ctx.textBaseline = 'bottom'
  ctx.font = `${look.size * devicePixelRatio}px ${look.family}`
  let free = bbox.left
  for (const mark of marks) {
    const left = Math.max(bbox.left, Math.round(u.valToPos(mark.x, 'x', true)))
    if (left > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(left, bbox.top)
    ctx.lineTo(left, bbox.top + bbox.height)
    ctx.stroke()
    // A name that would cover the one before is left to the description.
    if (left < free) continue
    ctx.fillText(mark.label, left, bbox.top - 3 * devicePixelRatio)
    free = left + ctx.measureText(mark.label).width + look.size * devicePixelRatio
  }
  ctx.restore()
}
