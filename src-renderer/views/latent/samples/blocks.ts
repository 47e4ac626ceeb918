import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { Codes } from '../../../../src-main/contract/latent.ts'
import { createAnswers, type Answers } from '../../../state/answers.svelte.ts'
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

/** Pictures of draws, block by block. @param failed told of a block that could not be had */
export const createBlocks = (
  engine: Pick<Engine, 'drawCodes' | 'decodeCodes'>,
  run: string,
  failed: (thrown: unknown) => void,
): Answers<BlockQuestion, Block> =>
  createAnswers({
    async ask(question) {
      const { drawn, columns } = question
      const codes = await drawCodes(engine, run, drawn, firstOf(question), columns * linesPerBlock)
      const decoded = await engine.decodeCodes({ run, codes: Float32Array.from(codes.codes) })
      return { codes, sheet: sheetOf(decoded, columns) }
    },
    keyOf: ({ drawn, columns, number }) => JSON.stringify([drawn, columns, number]),
    maxBytes,
    bytesOf: ({ sheet }) => sheet.data.byteLength,
    failed,
  })
