import type { DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { NoiseFacts } from '../../contract/evidence.ts'
import type { NoisyAdvice, NoisyWay } from '../../contract/noisy.ts'
import { measureNoise } from '../analysis/noise-facts.ts'
import { dataKindOf } from '../data/data-kind.ts'
import { findImages } from '../data/image-files.ts'
import { mapAhead } from '../data/ordered.ts'
import { evenly } from '../numeric/subset.ts'
import type { ImageFile } from '../storage/image.ts'
import { probeImage, readImage } from '../storage/images.ts'

/** Pictures whose noise is measured, evenly spread: those of one folder are alike, and more take long. */
const measured = 6
/** Headers looked at at once. */
const looksAhead = 16
/**
 * From here on noise is called correlated: white noise of σ ≥ 5 on CBSD68 stays below 0.28 with its texture, demosaicking gives 0.35
 * or more (`inference/choose.ts`).
 */
const correlated = 0.3
/** Less megapixels than these are soon learnt by heart. */
const fewMegapixels = 2
/** σ of the noise, 8-bit scale, that is hardly seen. */
const hardlyAny = 1.5

/**
 * Looks at pictures that are all noisy, and says which recipes suit them.
 * @throws file-not-found or folder-unreadable; data-unsuitable for what is no folder of pictures; training-data-missing where none can be read.
 */
export async function noisyAdvice({ sources, second }: DataSource): Promise<NoisyAdvice> {
  const kind = await dataKindOf(sources)
  const file = sources.join(', ')
  if (kind !== 'folder')
    throw new DarkroomError('data-unsuitable', { file, expected: 'folders of images', received: kind })
  const found: { path: string; pages: number; pixels: number }[] = []
  const { files } = await findImages(sources)
  const looks = mapAhead(files, looksAhead, async ({ path }) => {
    const probe = await probeImage(path).catch(() => null)
    return probe?.kind === 'image' ? { path, pages: probe.pages, pixels: probe.width * probe.height } : null
  })
  for await (const one of looks) if (one !== null) found.push(one)

  const facts: NoiseFacts[] = []
  let [bits, isColour] = [0, false]
  for (const { path } of evenly(found, measured)) {
    const image = await readImage(path).catch(() => null)
    if (image === null) continue
    facts.push(measureMiddle(image))
    bits = Math.max(bits, image.metadata.source.bits)
    isColour ||= image.pages.some(({ channels }) => channels === 3)
  }
  if (facts.length === 0)
    throw new DarkroomError('training-data-missing', {
      ...{ file, expected: 'images', received: `0, ${files.length} left out` },
    })

  const noise = medianFacts(facts)
  const channels = isColour ? 3 : 1
  const megapixels = found.reduce((sum, { pages, pixels }) => sum + pages * pixels, 0) / 1e6
  const stripes = stripesOf(noise)
  const isCorrelated =
    stripes !== null || (noise.correlation.horizontal + noise.correlation.vertical) / 2 >= correlated
  return {
    pictures: found.reduce((sum, { pages }) => sum + pages, 0),
    ...{ megapixels, channels, bits, noise },
    warnings: [
      ...(isCorrelated ? (['correlated'] as const) : []),
      ...(megapixels < fewMegapixels ? (['few'] as const) : []),
      ...(noise.sigma < hardlyAny ? (['little-noise'] as const) : []),
    ],
    ways: waysFor({ isCorrelated, stripes, hasSecond: second !== undefined, channels }),
  }
}

/** Of a stack the page in the middle: the first ones of a recording are often another exposure. */
const measureMiddle = ({ pages }: ImageFile): NoiseFacts => measureNoise(pages[pages.length >> 1]!)

/** The axis along which alone noise is correlated: rows or columns that are read one after the other. */
function stripesOf({ correlation: { horizontal, vertical } }: NoiseFacts): 'horizontal' | 'vertical' | null {
  const [less, more] = [Math.min(horizontal, vertical), Math.max(horizontal, vertical)]
  if (more < correlated || less > correlated / 2) return null
  return horizontal > vertical ? 'horizontal' : 'vertical'
}

interface Found {
  isCorrelated: boolean
  stripes: 'horizontal' | 'vertical' | null
  hasSecond: boolean
  channels: 1 | 3
}

/**
 * Second takes need no noise without correlation, and are the best there is. In colour with white noise recorruption is as good as neighbours or
 * better (docs/benchmarks.md), but it needs to know the noise: neighbours come first.
 */
function waysFor({ isCorrelated, stripes, hasSecond, channels }: Found): NoisyWay[] {
  const base = channels === 1 ? ['data.channels=1', 'model.channels=1'] : []
  const way = (recipe: string, against: NoisyWay['against'] = 'nothing', ...more: string[]): NoisyWay => ({
    ...{ recipe, overrides: [...base, ...more], against },
  })
  const structure = JSON.stringify({ axis: stripes, length: 4 })
  return [
    ...(hasSecond ? [way('noise2noise')] : []),
    ...(stripes !== null ? [way('noise2void', 'structured-mask', `supervision.structure=${structure}`)] : []),
    ...(isCorrelated
      ? [
          way('neighbor2neighbor', 'downsampling', 'model.shuffle=2'),
          way('noise2void', 'downsampling', 'model.shuffle=2'),
        ]
      : [way('neighbor2neighbor'), way('recorrupted'), way('noise2void')]),
  ]
}

function medianFacts(facts: NoiseFacts[]): NoiseFacts {
  const median = (of: (one: NoiseFacts) => number): number =>
    facts.map(of).sort((a, b) => a - b)[facts.length >> 1]!
  return {
    sigma: median(({ sigma }) => sigma),
    correlation: {
      horizontal: median(({ correlation }) => correlation.horizontal),
      vertical: median(({ correlation }) => correlation.vertical),
    },
    blocking: median(({ blocking }) => blocking),
    isGray: facts.every(({ isGray }) => isGray),
  }
}
