/**
 * A line of a CSV file (RFC 4180), without its end; what is no finite number is left empty. Of fractions nine digits are written, which give
 * a 32-bit float back exactly; its value as a double would take seventeen.
 */
export const csvLine = (cells: (string | number)[]): string =>
  cells
    .map((cell) => {
      if (typeof cell === 'number') return numberText(cell)
      return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
    })
    .join(',')

function numberText(value: number): string {
  if (!Number.isFinite(value)) return ''
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(9)))
}
