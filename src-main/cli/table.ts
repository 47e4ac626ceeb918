import { displayWidth, printable } from './text.ts'

/** Rows as lines with aligned columns; numbers, by how they look, to the right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => displayWidth(row[column] ?? ''))),
  )
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - displayWidth(cell))
        return /^[-+]?\d/.test(cell) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}
