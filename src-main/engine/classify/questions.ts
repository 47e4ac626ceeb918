import type { z } from 'zod'
import type {
  AnalysisSheetQuestion,
  LabelAnswer,
  LabelQuestion,
  Predictions,
} from '../../contract/analysis.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { EncodedImage } from '../../contract/preview.ts'
import type { Dataset } from '../data/dataset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import { openLatents } from '../latent/latents.ts'
import { checkMapHolds, samplesSheet } from '../latent/map-items.ts'
import { readMap } from '../latent/map-store.ts'
import { encoderOf, openRunModel } from '../latent/model.ts'
import { runVersion } from '../latent/open-runs.ts'
import { createCache } from '../preview/cache.ts'
import type { QuestionContext } from '../question-context.ts'
import { analysisVersion } from '../storage/analysis-folders.ts'
import { readClassifier } from './classifier.ts'
import { openOwnData } from './data.ts'
import type { Predicted } from './predict.ts'
import { readPredictions } from './store.ts'
import { openLabelling, type Labelling } from './suggest.ts'

/** Answers the window's questions about predictions, and about labels that a person is giving. What was asked for stays open for a while. */
export interface ClassifyQuestions {
  predictions(id: string): Promise<Predictions>
  sheet(question: z.output<typeof AnalysisSheetQuestion>): Promise<EncodedImage>
  askLabels(question: z.output<typeof LabelQuestion>): Promise<LabelAnswer>
  close(): Promise<void>
}

interface OpenPredictions {
  predicted: Predicted
  dataset: Dataset
  model: OpenLatentModel
  /** Of the classifier when it was opened. */
  version: number
}

interface OpenLabelling extends Labelling {
  run: string
  /** Of the run when its codes were read. */
  version: string
}

const mostOpen = { predictions: 2, labellings: 2 }

export function createClassifyQuestions({
  home,
  backend,
  signal,
  inTurn,
}: QuestionContext): ClassifyQuestions {
  const context = { home, signal, pause: () => Promise.resolve(), emit: () => undefined }
  const opened = createCache<OpenPredictions>({
    limit: mostOpen.predictions,
    weigh: () => 1,
    isCurrent: async ({ predicted, version }) =>
      (await analysisVersion(predicted.summary.classifier, 'classifier')) === version,
    async drop({ dataset, model }) {
      await model.dispose()
      await dataset.close()
    },
  })
  const labellings = createCache<OpenLabelling>({
    limit: mostOpen.labellings,
    weigh: () => 1,
    isCurrent: async ({ run, version }) => (await runVersion(run)) === version,
    drop: (labelling) => labelling.close(),
  })

  const openPredictions = (id: string): Promise<OpenPredictions> =>
    opened.get(id, async () => {
      const predicted = await readPredictions(home, id)
      const { classifier } = predicted.summary
      const version = await analysisVersion(classifier, 'classifier')
      const { run } = await readClassifier(classifier)
      const { dataset } = await openOwnData(run, predicted.data, context)
      if (dataset.samplesSha256 === predicted.sha256)
        return { predicted, dataset, version, model: openRunModel(run, await backend()) }
      await dataset.close()
      throw new DarkroomError('file-not-found', { file: id, expected: 'the data that were classified' })
    })

  const labellingOf = (id: string): Promise<OpenLabelling> =>
    labellings.get(id, async () => {
      const map = await readMap(home, id)
      const { run } = map.spec
      const version = await runVersion(run)
      const own = await backend()
      const latents = await openLatents(map.spec, { ...context, backend: own, withErrors: false })
      try {
        encoderOf(latents.run, latents.model)
        checkMapHolds(map, latents)
      } finally {
        await latents.close()
      }
      return { ...openLabelling(own, latents.codes, latents.size), run, version }
    })

  async function sheetOf({
    id,
    indexes,
    what,
    ...layout
  }: z.output<typeof AnalysisSheetQuestion>): Promise<EncodedImage> {
    const { predicted, dataset, model } = await openPredictions(id)
    const wrong = indexes.find((index) => index >= predicted.indexes.length)
    const expected =
      what === 'heat' ? 'sample | reconstruction' : `an item from 0 to ${predicted.indexes.length - 1}`
    if (what === 'heat' || wrong !== undefined)
      throw new DarkroomError('argument-invalid', { file: id, expected, received: `${wrong ?? what}` })
    const samples = await dataset.read(indexes.map((index) => predicted.indexes[index]!))
    const values = what === 'sample' ? samples : await model.decode((await model.encode!(samples)).code)
    return samplesSheet(values, model.input, layout)
  }

  return {
    async predictions(id) {
      const { summary, data, names, classes, predicted, probabilities, truth } = await readPredictions(
        home,
        id,
      )
      return { id, summary, data, names, classes, predicted, probabilities, truth }
    },
    sheet: (question) => inTurn(() => sheetOf(question)),
    askLabels: ({ map, ...question }) => inTurn(async () => (await labellingOf(map)).answer(question)),
    async close() {
      await Promise.all([opened.clear(), labellings.clear()])
    },
  }
}
