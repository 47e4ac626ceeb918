import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { Codes } from '../../../../src-main/contract/latent.ts'
import { createCache } from '../../../state/cache.ts'
import { createLoader } from '../../../state/loader.ts'
import { sheetOf } from '../pixels.ts'
import { drawCodes, type Drawn } from './drawn.ts'

/** Lines of cells in a block: few enough to come quickly. */
export const linesPerBlock = 4
/** Bytes of pictures that are kept: what is scrolled far away is drawn again, the same. */
const maxBytes = 24 * 2 ** 20

/** Some lines of the grid. */
export interface BlockQuestion {
  drawn: Drawn
  columns: number
  /** 0 is the first block. */
  number: number
}

export interface Block {
  codes: Codes
  sheet: ImageData
}

export interface Blocks {
  /** The block if it is here. */
  get(question: BlockQuestion): Block | undefined
  want(questions: readonly BlockQuestion[]): void
  close(): void
}

export const firstOf = ({ columns, number }: Pick<BlockQuestion, 'columns' | 'number'>): number =>
  number * columns * linesPerBlock

/** The blocks that show the lines from `from` to before `to`. */
export const blocksOf = ({ from, to }: { from: number; to: number }): number[] => {
  const begin = Math.floor(from / linesPerBlock)
  const end = Math.ceil(to / linesPerBlock)
  return Array.from({ length: Math.max(0, end - begin) }, (_, next) => begin + next)
}

/** Lines that the grid has room for: it has no end, so there are always more than were seen. */
export const linesAfter = (lines: number, seen: number): number =>
  seen + moreLines > lines ? seen + 2 * moreLines : lines
const moreLines = 24

const keyOf = ({ drawn, columns, number }: BlockQuestion): string => JSON.stringify([drawn, columns, number])

/** Pictures of draws, block by block. @param failed told of a block that could not be had */
export function createBlocks(
  engine: Pick<Engine, 'drawCodes' | 'decodeCodes'>,
  run: string,
  failed: (thrown: unknown) => void,
): Blocks {
  const cache = createCache<Block>(maxBytes, ({ sheet }) => sheet.data.byteLength)
  let arrivals = $state(0)
  const loader = createLoader<BlockQuestion, Block>({
    async ask(question) {
      const { drawn, columns } = question
      const codes = await drawCodes(engine, run, drawn, firstOf(question), columns * linesPerBlock)
      const decoded = await engine.decodeCodes({ run, codes: Float32Array.from(codes.codes) })
      return { codes, sheet: sheetOf(decoded, columns) }
    },
    inFlight: 2,
    ready(key, block) {
      cache.set(key, block)
      arrivals += 1
    },
    failed: (_key, thrown) => failed(thrown),
  })
  return {
    get: (question) => (arrivals >= 0 ? cache.get(keyOf(question)) : undefined),
    want: (questions) =>
      loader.want(
        questions
          .map((question) => ({ key: keyOf(question), question }))
          .filter(({ key }) => !cache.has(key)),
      ),
    close: () => loader.close(),
  }
}
