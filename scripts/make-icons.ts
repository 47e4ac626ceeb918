// Draws the program's icons from assets/icons/icon.svg.
//   npx tsx scripts/make-icons.ts
// electron-builder makes .ico and .icns of the largest; Linux wants one file a size, named by it.
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const folder = fileURLToPath(new URL('../assets/icons/', import.meta.url))
const drawing = readFileSync(`${folder}icon.svg`)
/** Of the drawing, in user units. */
const drawnSide = 1024
/** Of SVG's user unit, in dots per inch: what `density` is relative to. */
const unitDensity = 72

mkdirSync(`${folder}linux`, { recursive: true })
for (const side of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) {
  const density = Math.max(unitDensity, (unitDensity * side) / drawnSide)
  const file = side === 1024 ? `${folder}icon.png` : `${folder}linux/${side}x${side}.png`
  await sharp(drawing, { density })
    .resize(side, side)
    .png({ compressionLevel: 9, palette: side < 1024 })
    .toFile(file)
}
