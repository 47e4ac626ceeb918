import { extname } from 'node:path'
import type { ClassifyPredictJob } from '../../contract/analysis-jobs.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult } from '../../contract/jobs.ts'
import { readClassifier } from '../classify/classifier.ts'
import { mistakesSheet } from '../classify/mistakes.ts'
import { predictData, type Predicted } from '../classify/predict.ts'
import { writePredictions } from '../classify/store.ts'
import { csvLine } from '../storage/csv-write.ts'
import { provenanceOf, writeExport } from '../storage/provenance.ts'
import type { JobContext } from './context.ts'
import { checkEnding } from './naming.ts'
import { checkFree } from './with-latents.ts'

/**
 * Classes of data by a classifier, and how they agree with labels.
 * @throws as `readClassifier` and `predictData`; argument-invalid for a path with another ending; labels-unusable for mistakes without
 *   labels; file-exists, output-unwritable, disk-full
 */
export async function classifyPredict(job: ClassifyPredictJob, context: JobContext): Promise<JobResult> {
  checkEnding('--out', job.out, ['.csv', '.json'])
  checkEnding('--mistakes', job.mistakes, ['.png'])
  await checkFree([job.out, job.mistakes], job.overwrite)
  const classifier = await readClassifier(job.classifier)
  const { run, encoder } = classifier
  const backend = await context.openBackend(job.engine)
  try {
    return await predictData(classifier, job, { ...context, backend }, async (predicted, dataset) => {
      const predictions = await writePredictions(context.home, predicted)
      const provenance = await provenanceOf(job, run, null, context.product)
      const files: string[] = []
      let lines: string[] | null = null
      if (job.out !== null) {
        const text = extname(job.out).toLowerCase() === '.csv' ? csvOf(predicted) : jsonOf(predicted)
        files.push(...(await writeExport(job.out, text, provenance, job.overwrite)))
      }
      if (job.mistakes !== null) {
        if (predicted.truth === null)
          throw new DarkroomError('labels-unusable', {
            file: predicted.data.sources.join(', '),
            expected: 'labels that predictions are compared with (--labels)',
            received: 'none',
          })
        const sheet = await mistakesSheet(predicted, dataset, encoder.input)
        if (sheet !== null) {
          lines = sheet.lines
          files.push(...(await writeExport(job.mistakes, sheet.png, { ...provenance, lines }, job.overwrite)))
        }
      }
      return { type: 'classify-predict', predictions, summary: predicted.summary, files, lines }
    })
  } finally {
    await backend.close()
  }
}

/** Name, predicted label, its probability, that of every class, and the label where one is known. */
function csvOf({ names, classes, predicted, probabilities, truth }: Predicted): string {
  const known = truth === null ? [] : ['truth']
  const lines = names.map((name, i) => {
    const own = probabilities.subarray(i * classes.length, (i + 1) * classes.length)
    const label = predicted[i]!
    return csvLine([
      ...[name, classes[label]!, own[label]!, ...own],
      ...(truth === null ? [] : [classes[truth[i]!] ?? '']),
    ])
  })
  return `${[csvLine(['name', 'label', 'probability', ...classes, ...known]), ...lines].join('\n')}\n`
}

function jsonOf({ summary, names, classes, predicted, probabilities, truth }: Predicted): string {
  const list = names.map((name, i) => {
    const own = probabilities.subarray(i * classes.length, (i + 1) * classes.length)
    const label = predicted[i]!
    return {
      ...{ name, label: classes[label]!, probability: own[label]! },
      probabilities: Object.fromEntries(classes.map((one, c) => [one, own[c]!])),
      ...(truth !== null && { truth: classes[truth[i]!] ?? null }),
    }
  })
  return `${JSON.stringify({ ...summary, list }, null, 2)}\n`
}
