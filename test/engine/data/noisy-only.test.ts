import { describe, expect, it } from 'vitest'
import type { PatchData } from '../../../src-main/contract/recipe.ts'
import { hidePixels } from '../../../src-main/engine/data/hidden-pixels.ts'
import type { Picture, ScannedImage } from '../../../src-main/engine/data/images.ts'
import { measureLevels } from '../../../src-main/engine/data/levels.ts'
import { drawNeighbours, oneHot, subSample } from '../../../src-main/engine/data/neighbours.ts'
import { cutSquare, drawSquare } from '../../../src-main/engine/data/patches.ts'
import type { Sample } from '../../../src-main/engine/data/sample.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const random = createRandom(1)
const sample = (width: number, height: number, channels: 1 | 3): Sample => ({
  ...{ width, height, channels },
  data: Float32Array.from({ length: width * height * channels }, () => random.uniform()),
})
const how = { type: 'noise2void', share: 1 / 64, radius: 2, replacement: 'median', structure: null } as const

describe('hidePixels', () => {
  it('hides one pixel in each cell, and nothing of it can be seen any more', () => {
    const picture = sample(32, 24, 3)
    const { seen, hidden } = hidePixels(picture, how, createRandom(2))
    expect(hidden.reduce((sum, value) => sum + value)).toBe(4 * 3)
    for (const [at, isHidden] of hidden.entries()) {
      const own = [0, 1, 2].map((channel) => 3 * at + channel)
      if (isHidden === 0) for (const i of own) expect(seen.data[i] === picture.data[i]).toBe(true)
      else {
        const changed = { ...picture, data: picture.data.map((v, i) => (own.includes(i) ? v + 9 : v)) }
        const again = hidePixels(changed, how, createRandom(2)).seen
        for (const i of own) expect(again.data[i]).toBe(seen.data[i])
      }
    }
  })

  it('puts the median of the window, or one of its pixels, in their place', () => {
    const picture = sample(16, 16, 1)
    const windowOf = (at: number): number[] => {
      const [y, x] = [Math.floor(at / 16), at % 16]
      return [...picture.data].filter(
        (_, i) => i !== at && Math.abs(Math.floor(i / 16) - y) <= 2 && Math.abs((i % 16) - x) <= 2,
      )
    }
    for (const replacement of ['median', 'random'] as const) {
      const { seen, hidden } = hidePixels(picture, { ...how, replacement }, createRandom(3))
      for (const at of hidden.keys()) {
        if (hidden[at] === 0) continue
        const window = windowOf(at).sort((a, b) => a - b)
        const half = window.length / 2
        if (replacement === 'random') expect(window).toContain(seen.data[at])
        else
          expect(seen.data[at]).toBeCloseTo((window[Math.ceil(half) - 1]! + window[Math.floor(half)]!) / 2, 6)
      }
    }
  })

  it('hides the neighbours along an axis as well, and takes none of them for what stands there', () => {
    // Rows are constant: what stands for a hidden pixel is of another row, or the mean of such.
    const data = Float32Array.from({ length: 24 * 24 }, (_, i) => Math.floor(i / 24))
    const structure = { axis: 'horizontal', length: 3 } as const
    const { seen, hidden } = hidePixels(
      { width: 24, height: 24, channels: 1, data },
      { ...how, share: 1 / 576, radius: 1, replacement: 'random', structure },
      createRandom(4),
    )
    const at = hidden.indexOf(1)
    const changed = [...seen.data.keys()].filter((i) => seen.data[i] !== data[i])
    expect(changed.length).toBeGreaterThan(2)
    for (const i of changed) {
      expect(Math.floor(i / 24)).toBe(Math.floor(at / 24))
      expect(Math.abs(i - at)).toBeLessThanOrEqual(3)
    }
  })
})

describe('neighbours', () => {
  it('are two different pixels of a cell that touch, each pair as likely', () => {
    const { first, second } = drawNeighbours(8000, createRandom(5))
    const counts = new Map<string, number>()
    for (const [i, a] of first.entries()) {
      const pair = `${a}${second[i]!}`
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['01', '02', '10', '13', '20', '23', '31', '32'])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('make pictures of half the sides', () => {
    const picture = {
      width: 4,
      height: 2,
      channels: 1,
      data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
    } as const
    expect([...subSample(picture, Uint8Array.of(0, 3)).data]).toEqual([0, 7])
    expect([...subSample(picture, Uint8Array.of(2, 1)).data]).toEqual([4, 3])
    expect([...oneHot(Uint8Array.of(2, 1))]).toEqual([0, 0, 1, 0, 0, 1, 0, 0])
  })
})

describe('pictures of any depth', () => {
  const picture: Picture = {
    ...{ width: 6, height: 6, channels: 1, black: 0, white: 65_535 },
    data: Uint16Array.from({ length: 36 }, (_, i) => 1000 + 100 * i),
  }
  const square = { top: 0, left: 0, size: 6, step: 1, turn: 0 }

  it('are cut at full precision, between black and white or measured levels', () => {
    const { data } = cutSquare(picture, square, { channels: 1, levels: null })
    expect(data[1]).toBe(Math.fround(1100 / 65_535))
    const measured = cutSquare(picture, square, { channels: 3, levels: [1000 / 65_535, 2000 / 65_535] })
    expect(measured.data[0]).toBeCloseTo(0, 6)
    expect([...measured.data.subarray(30, 33)]).toEqual(Array(3).fill(measured.data[30]))
    expect(measured.data[30]).toBeCloseTo(1, 6)
  })

  it('are taken apart into every second pixel', () => {
    const cutting = { channels: 1, levels: null } as const
    const { data } = cutSquare(picture, { ...square, top: 1, size: 3, step: 2 }, cutting)
    expect([...data].map((value) => Math.round(value * 65_535))).toEqual(
      [6, 8, 10, 18, 20, 22, 30, 32, 34].map((i) => 1000 + 100 * i),
    )
    const options: PatchData = {
      ...{
        type: 'patches',
        patch: 3,
        channels: 1,
        range: 'white',
        scale: [1, 1],
        augment: false,
        grayShare: 0,
      },
    }
    const places = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const { top, left } = drawSquare(picture, options, { step: 2, keepsAxes: false }, random)
      places.add(`${top},${left}`)
    }
    expect([...places].sort()).toEqual(['0,0', '0,1', '1,0', '1,1'])
  })

  it('have levels that leave a thousandth of the samples out at either end', async () => {
    const data = Uint16Array.from({ length: 10_000 }, (_, i) => 3000 + i)
    data[7] = 65_535
    const wide: Picture = { ...picture, width: 100, height: 100, data }
    const image: ScannedImage = { width: 100, height: 100, takes: [{ file: 'a', page: 0 }] }
    const [low, high] = await measureLevels([image], () => Promise.resolve([wide]))
    expect(Math.abs(low * 65_535 - 3010)).toBeLessThan(3)
    expect(Math.abs(high * 65_535 - 12_990)).toBeLessThan(3)
  })
})
