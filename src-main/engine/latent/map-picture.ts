import type { LatentMap, MapColumn } from '../../contract/latent.ts'
import { createRandom } from '../numeric/random.ts'
import { shuffled } from '../numeric/subset.ts'
import { createCanvas, type Box, type Canvas } from '../storage/canvas.ts'
import { canvasPng, drawDisc, drawText, textMask } from '../storage/drawing.ts'
import type { Colour } from '../storage/sheet.ts'

/** Ten colours that people with a deficient colour vision tell apart, on white (Petroff 2021, arXiv:2107.02270). */
const palette: readonly Colour[] = [
  ...([
    [63, 144, 218],
    [255, 169, 14],
    [189, 31, 1],
    [131, 45, 182],
    [169, 107, 89],
  ] as const),
  ...([
    [231, 99, 0],
    [146, 218, 221],
    [113, 117, 129],
    [185, 172, 112],
    [148, 164, 162],
  ] as const),
]
const white: Colour = [255, 255, 255]
const ink: Colour = [32, 32, 36]
/** Of what has no label. */
const plain: Colour = [150, 152, 160]
const size = { width: 1200, height: 960, edge: 48, legend: 220 }
const letters = { legend: 18, axis: 16 }
/** Classes that the legend names; the others are drawn, but not named. */
const mostNamed = 30

type Category = Extract<MapColumn, { kind: 'category' }>

/** A map as a PNG picture: a point for each item, coloured by its label where there are any, classes named beside and where they lie. */
export async function mapPng(map: LatentMap): Promise<Uint8Array> {
  const { points, columns, spec } = map
  const labels = columns.find(
    (column): column is Category => column.id === 'label' && column.kind === 'category',
  )
  const canvas = createCanvas(size.width, size.height, white)
  const legend = labels === undefined ? 0 : size.legend
  const place = placing(points, {
    x: size.edge,
    y: size.edge,
    width: size.width - 2 * size.edge - legend,
    height: size.height - 2 * size.edge,
  })
  const count = points.length / 2
  const radius = Math.max(1.4, Math.min(5, 160 / Math.sqrt(count)))
  // In an order of chance: items that come class by class would cover each other.
  const places = Array.from({ length: count }, (_, i) => i)
  for (const i of shuffled(places, createRandom(spec.seed)).reverse()) {
    const { x, y } = place(points[2 * i]!, points[2 * i + 1]!)
    drawDisc(canvas, x, y, radius, colourOf(labels?.values[i] ?? -1), 0.75)
  }
  if (labels !== undefined) await drawClasses(canvas, labels, points, place)
  await drawAxes(canvas, map)
  return canvasPng(canvas)
}

const colourOf = (label: number): Colour => (label < 0 ? plain : palette[label % palette.length]!)

type Place = (x: number, y: number) => { x: number; y: number }

/** Both axes to one scale; all points in the box, in its middle, y upwards. */
function placing(points: Float32Array, box: Box): Place {
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ]
  for (let i = 0; i < points.length; i++) {
    low[i % 2] = Math.min(low[i % 2]!, points[i]!)
    high[i % 2] = Math.max(high[i % 2]!, points[i]!)
  }
  const [spanX, spanY] = [high[0]! - low[0]!, high[1]! - low[1]!]
  const scale = Math.min(box.width / (spanX || 1), box.height / (spanY || 1))
  const left = box.x + (box.width - scale * spanX) / 2
  const bottom = box.y + (box.height + scale * spanY) / 2
  return (x, y) => ({ x: left + scale * (x - low[0]!), y: bottom - scale * (y - low[1]!) })
}

/** Names of the classes: in a list, and at the middle of where their items lie. */
async function drawClasses(
  canvas: Canvas,
  { names, values }: Category,
  points: Float32Array,
  place: Place,
): Promise<void> {
  const line = Math.round(letters.legend * 1.7)
  for (const [label, name] of names.slice(0, mostNamed).entries()) {
    const text = await textMask(name, letters.legend)
    const left = size.width - size.legend - size.edge / 4
    const middle = size.edge + line * (label + 0.5)
    drawDisc(canvas, left, middle, 7, colourOf(label), 1)
    drawText(canvas, text, left + 18, middle - text.height / 2, ink)
    const members = Array.from(values.keys()).filter((item) => values[item] === label)
    if (members.length === 0) continue
    const at = place(
      median(members.map((item) => points[2 * item]!)),
      median(members.map((item) => points[2 * item + 1]!)),
    )
    drawText(canvas, text, at.x - text.width / 2, at.y - text.height / 2, ink, { colour: white, reach: 2 })
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

/** What the axes are: in the field's terms, the same in every language. */
async function drawAxes(
  canvas: Canvas,
  { spec: { method }, summary: { explained } }: LatentMap,
): Promise<void> {
  const share = (component: number): string =>
    explained === null ? '' : ` (${(100 * explained[component]!).toFixed(1)} %)`
  const named = {
    pca: (i: number) => `PC ${i + 1}${share(i)}`,
    pixels: (i: number) => `PC ${i + 1}${share(i)}`,
    raw: (i: number) => `z${i}`,
    umap: (i: number) => `UMAP ${i + 1}`,
  }[method.type]
  const [x, y] = 'x' in method ? [method.x, method.y] : [0, 1]
  const across = await textMask(named(x), letters.axis)
  const up = await textMask(`↑ ${named(y)}`, letters.axis)
  const right = await textMask('→', letters.axis)
  const bottom = canvas.height - size.edge / 2
  drawText(canvas, across, size.edge, bottom - across.height / 2, ink)
  drawText(canvas, right, size.edge + across.width + 8, bottom - right.height / 2, ink)
  drawText(canvas, up, size.edge / 2, size.edge / 2 - up.height / 2, ink)
}
