import { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import { readLabelFile } from './label-file.ts'
import { labelsOf, type LabelSource } from './labels.ts'
import {
  fileVersion,
  nameInFile,
  throwIfCancelled,
  type OpenOptions,
  type SampleSource,
} from './sample-source.ts'
import { openTable, type TableRow } from './table.ts'
import { findWords } from './words.ts'

/** What the column of labels says, row by row; null without one. */
const Facts = z.strictObject({ labels: z.array(z.string()).nullable() })

/**
 * Rows of a CSV file.
 * @throws data-unreadable naming line and column, labels-unusable, labels-missing naming the column of words
 */
export async function openRowSamples(
  file: string,
  labels: LabelSource,
  { signal }: OpenOptions,
): Promise<SampleSource> {
  const column = labels.from === 'column' ? labels.column : null
  const table = await openTable(file, column)
  await table.close()
  const facts: z.infer<typeof Facts> = { labels: column === null ? null : [] }

  async function* readRows(): AsyncGenerator<TableRow> {
    try {
      yield* (await openTable(file, column)).rows
    } catch (error) {
      if (labels.from !== 'nowhere') throw error
      const { detail } = (await findWords(file, error, signal)).words
      throw new DarkroomError(detail.code, detail, error)
    }
  }
  async function* samples(): AsyncGenerator<Uint8Array> {
    for await (const { values, label } of readRows()) {
      throwIfCancelled(signal)
      if (label !== null) facts.labels?.push(label)
      yield new Uint8Array(values.buffer)
    }
  }

  return {
    shape: [table.width],
    type: 'float32',
    key: { file: await fileVersion(file), column },
    keep: false,
    samples,
    facts: () => facts,
    async describe(remembered, count) {
      const { labels: named } = Facts.parse(remembered)
      return {
        name: (index) => nameInFile(file, index),
        labels:
          named !== null
            ? labelsOf(named, file, `labels in ${column ?? ''}`)
            : labels.from === 'file'
              ? labelsOf(
                  await readLabelFile(labels.file, { count, name: (index) => nameInFile(file, index) }),
                  labels.file,
                  'labels',
                )
              : null,
        groups: null,
        skipped: [],
        skippedCount: 0,
      }
    },
  }
}
