import type { LatentMap } from '../../contract/latent.ts'
import { csvLine } from '../storage/csv-write.ts'

/** The points of a map as a CSV table: name, x, y, and all columns that there are. */
export function mapCsv({ points, names, columns }: LatentMap): string {
  const lines = [csvLine(['name', 'x', 'y', ...columns.map(({ name }) => name)])]
  for (const [i, name] of names.entries()) {
    const values = columns.map((column) =>
      column.kind === 'number' ? shortest(column.values[i]!) : (column.names[column.values[i]!] ?? ''),
    )
    lines.push(csvLine([name, shortest(points[2 * i]!), shortest(points[2 * i + 1]!), ...values]))
  }
  return `${lines.join('\n')}\n`
}

/** Nine digits give a 32-bit float back exactly; as a 64-bit one it would take more. */
const shortest = (value: number): number => Number(value.toPrecision(9))
