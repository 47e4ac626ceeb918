import { displayWidth, printable } from './text.ts'

/** Rows as lines with aligned columns. A column of numbers, below its heading, is aligned to the right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable))
  const columns = (cells[0] ?? []).map((_, column) => {
    const values = cells.map((row) => row[column] ?? '')
    const below = values.length > 1 ? values.slice(1) : values
    return {
      width: Math.max(...values.map(displayWidth)),
      isNumeric:
        below.some((value) => isNumber.test(value)) &&
        below.every((value) => isNumber.test(value) || value === absent),
    }
  })
  return cells.map((row) =>
    row
      .map((cell, i) => {
        const { width, isNumeric } = columns[i]!
        const space = ' '.repeat(width - displayWidth(cell))
        return isNumeric ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Stands where a row has no value. */
export const absent = '–'

/** `0.5`, `1e-7`, `28×28×1`, `3/10`. */
const isNumber = /^-?\d[\d.×/]*(e[-+]?\d+)?$/
