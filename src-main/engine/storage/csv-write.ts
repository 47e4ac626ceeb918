/** A line of a CSV file (RFC 4180), without its end; what is no finite number is left empty. */
export const csvLine = (cells: (string | number)[]): string =>
  cells
    .map((cell) => {
      if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
      return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
    })
    .join(',')
