// Frame times of the map while it moves, at 1,000, 10,000 and 100,000 synthetic points, in Chromium: the plot of the Latent view itself, bundled
// as the page is. Says what draws: where there is no GPU, Chromium's WebGL is computed by the processor.
//   npx tsx bench/map-frames.ts
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { launchChromium } from '../test/e2e/support/chromium.ts'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const map = folder('../src-renderer/views/latent/map/')

/** The plot as a script that defines `plot`. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { regl: `${map}plain-regl.ts` } },
    build: { write: false, lib: { entry: `${map}scatter.ts`, formats: ['iife'], name: 'plot' } },
  })
  const first = Array.isArray(built) ? built[0]! : built
  if (!('output' in first)) throw new Error('nothing was built')
  return first.output[0].code
}

/** In the page: frames of a map of `count` points while it is panned and zoomed for a while. Milliseconds. */
const measure = `async (count) => {
  const [drawn, canvas] = [0, 1].map(() => document.body.appendChild(document.createElement('canvas')))
  const events = { onshown() {}, onhover() {}, onselect() {}, onlost() {} }
  const scatter = plot.createScatter(canvas, drawn, events)
  scatter.resize(900, 600)
  // Clouds, as codes form them: sums of uniform numbers around ten middles, by a small congruential generator.
  let state = 1
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647
  const middles = Array.from({ length: 10 }, () => [random() * 1.4 - 0.7, random() * 1.4 - 0.7])
  const around = (axis) => Float32Array.from({ length: count }, (_, i) => middles[i % 10][axis] + (random() + random() - 1) * 0.3)
  const groups = Uint16Array.from({ length: count }, (_, i) => i % 10)
  scatter.paint(Array.from({ length: 10 }, (_, i) => '#' + (100 + i * 15).toString(16).padStart(2, '0').repeat(3)), '#000000', '#ffffff')
  const from = performance.now()
  await scatter.draw({ x: around(0), y: around(1), groups })
  const first = performance.now() - from
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const times = []
  let before = await frame()
  for (let i = 0; i < 120; i++) {
    scatter.centre(0.3 * Math.cos(i / 10), 0.3 * Math.sin(i / 10), 1 - 0.5 * Math.sin(i / 38))
    const now = await frame()
    times.push(now - before)
    before = now
  }
  scatter.destroy()
  const gl = document.createElement('canvas').getContext('webgl')
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'unknown'
  times.sort((a, b) => a - b)
  return { first, median: times[60], high: times[114], renderer }
}`

const script = await bundle()
const browser = await launchChromium()
const page = await browser.newPage({ viewport: { width: 1000, height: 700 } })
await page.addScriptTag({ content: script })
for (const count of [1000, 10_000, 100_000]) {
  const found = await page.evaluate<{ first: number; median: number; high: number; renderer: string }>(
    `(${measure})(${count})`,
  )
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  console.log(
    `${count} points: first picture ${ms(found.first)}, frame ${ms(found.median)} (95 %: ${ms(found.high)}); ${found.renderer}`,
  )
}
await browser.close()
