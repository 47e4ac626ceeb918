import { flushSync } from 'svelte'
import { describe, expect, it, vi } from 'vitest'
import type { DrawQuestion } from '../../../src-main/contract/latent.ts'
import {
  blocksOf,
  createBlocks,
  firstOf,
  linesAfter,
  linesPerBlock,
} from '../../../src-renderer/views/latent/samples/blocks.ts'
import { drawCodes, type Drawn } from '../../../src-renderer/views/latent/samples/drawn.ts'
import {
  keyOfCode,
  maximumFavourites,
  toggled,
} from '../../../src-renderer/views/latent/samples/favourites.ts'
import { shownRows } from '../../../src-renderer/components/rows.ts'

class FakeImageData {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
  constructor(width: number, height: number) {
    ;[this.width, this.height] = [width, height]
    this.data = new Uint8ClampedArray(4 * width * height)
  }
}
vi.stubGlobal('ImageData', FakeImageData)

/** An engine whose draw number n of seed s is the code [n, s · 1000], and whose pictures are one pixel of n. */
function fakeEngine() {
  const asked: DrawQuestion[] = []
  return {
    asked,
    drawCodes: (question: DrawQuestion) => {
      asked.push(question)
      const { seed, first = 0, count } = question
      const codes = Float32Array.from({ length: 2 * count }, (_, at) =>
        at % 2 === 0 ? first + at / 2 : seed * 1000,
      )
      return Promise.resolve({ size: 2, codes, labels: null })
    },
    decodeCodes: ({ codes }: { codes: Float32Array }) => {
      const count = codes.length / 2
      const pixels = Uint8Array.from({ length: 4 * count }, (_, at) => codes[2 * Math.floor(at / 4)]!)
      return Promise.resolve({ count, width: 1, height: 1, pixels })
    },
  }
}
const prior: Drawn = { from: 'source', source: { type: 'prior' }, seed: 3, temperature: 0.8 }
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve()
  flushSync()
}

describe('the endless grid', () => {
  it('asks for the lines that are seen, and a margin, only', () => {
    const shown = shownRows(1000, 50, 50 * 400, 500)
    const numbers = blocksOf(shown)
    expect(numbers[0]! * linesPerBlock).toBeLessThanOrEqual(400)
    expect((numbers.at(-1)! + 1) * linesPerBlock).toBeGreaterThanOrEqual(410)
    expect(numbers.length).toBeLessThan(8)
  })

  it('grows while one scrolls, and never shrinks', () => {
    let lines = linesAfter(0, 0)
    const first = lines
    expect(first).toBeGreaterThan(0)
    for (let seen = 0; seen < 500; seen += 5) {
      const next = linesAfter(lines, seen)
      expect(next).toBeGreaterThanOrEqual(lines)
      expect(next).toBeGreaterThan(seen)
      lines = next
    }
    expect(linesAfter(lines, 3)).toBe(lines)
  })

  it('fills blocks with draws in a row, each once', async () => {
    const engine = fakeEngine()
    const blocks = createBlocks(engine, '/run', (thrown) => expect.unreachable(String(thrown)))
    const questions = [0, 1].map((number) => ({ drawn: prior, columns: 3, number }))
    blocks.want(questions)
    await settled()
    blocks.want(questions)
    await settled()
    const count = 3 * linesPerBlock
    expect(engine.asked).toEqual(
      [0, count].map((first) => ({
        ...{ run: '/run', source: { type: 'prior' }, seed: 3, temperature: 0.8 },
        ...{ first, count },
      })),
    )
    expect(firstOf(questions[1]!)).toBe(count)
    const { sheet, codes } = blocks.get(questions[1]!)!
    expect([sheet.width, sheet.height]).toEqual([3, linesPerBlock])
    // Line by line: the pixel of the cell below the first is that of the draw three numbers on.
    expect(sheet.data[4 * 3]).toBe(count + 3)
    expect(codes.codes[2]).toBe(count + 1)
  })

  it('tells of a block that could not be had', async () => {
    const failed = vi.fn()
    const broken = { ...fakeEngine(), drawCodes: () => Promise.reject(new Error('gone')) }
    createBlocks(broken, '/run', failed).want([{ drawn: prior, columns: 3, number: 0 }])
    await settled()
    expect(failed).toHaveBeenCalledWith(new Error('gone'))
  })
})

describe('draws around a code', () => {
  const near = (radius: number, seed = 1): Drawn => ({
    ...{ from: 'near', code: [5, -5], seed, radius, deviation: [2, 0] },
  })
  const drawn = async (from: Drawn, first: number, count: number): Promise<number[]> => [
    ...(await drawCodes(fakeEngine(), '/run', from, first, count)).codes,
  ]

  it('begin with the code itself', async () => {
    expect((await drawn(near(0.5), 0, 3)).slice(0, 2)).toEqual([5, -5])
  })

  it('lie as many deviations away as the radius says, in the dimensions that vary', async () => {
    // The noise of draw 4 is [4, 1000].
    expect(await drawn(near(0.5), 4, 1)).toEqual([5 + 0.5 * 2 * 4, -5])
    expect(await drawn(near(1), 4, 1)).toEqual([5 + 1 * 2 * 4, -5])
  })

  it('are the same of the same seed, however many are asked for', async () => {
    const all = await drawn({ ...near(0.5), deviation: null } as Drawn, 0, 6)
    expect(await drawn({ ...near(0.5), deviation: null } as Drawn, 2, 4)).toEqual(all.slice(4))
    expect(await drawn({ ...near(0.5, 2), deviation: null } as Drawn, 2, 4)).not.toEqual(all.slice(4))
  })
})

describe('favourites', () => {
  it('are kept in the order in which they were marked, and taken out by the same code', () => {
    const two = toggled(toggled([], [1, 2]), [3, 4])
    expect(two).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(toggled(two, [1, 2])).toEqual([[3, 4]])
    expect(keyOfCode([1, 2])).not.toBe(keyOfCode([12]))
  })

  it('are no more than a saved view holds', () => {
    const many = Array.from({ length: maximumFavourites }, (_, at) => [at])
    const next = toggled(many, [-1])
    expect(next).toHaveLength(maximumFavourites)
    expect(next.at(-1)).toEqual([-1])
  })
})
