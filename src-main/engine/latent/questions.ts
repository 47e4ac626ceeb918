import { basename, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import type {
  Codes,
  CodesQuestion,
  DecodedCodes,
  DecodeQuestion,
  DrawQuestion,
  ItemQuestion,
  LatentDirections,
  LatentItem,
  LatentMap,
  LatentModel,
  SampleSource,
  SheetQuestion,
} from '../../contract/latent.ts'
import type { EncodedImage } from '../../contract/preview.ts'
import type { LatentFile } from '../../contract/provenance.ts'
import type { RunData } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { createCache } from '../preview/cache.ts'
import type { QuestionContext } from '../question-context.ts'
import { frameSize, framesOf } from '../storage/frames.ts'
import { readRunTitle } from '../storage/run-title.ts'
import { rangeOf } from '../storage/sheet.ts'
import { codesOfAnchors, type WithData } from './anchors.ts'
import { checkCodes } from './codes.ts'
import { directionsOf } from './directions.ts'
import { openDrawer, type Drawer } from './draw.ts'
import { openLatents, takeLatents, type Latents } from './latents.ts'
import { checkMapHolds, mapItem, mapSheet } from './map-items.ts'
import { readMap } from './map-store.ts'
import { openLatentData, ownSource } from './model.ts'
import { openLatentFile } from './open-file.ts'
import { createOpenRuns, runVersion, type OpenRun } from './open-runs.ts'

/** Answers the window's questions about codes. Runs, and what was found out about them, stay open for a while. */
export interface LatentQuestions {
  model(run: string): Promise<LatentModel>
  map(id: string): Promise<LatentMap>
  sheet(question: z.output<typeof SheetQuestion>): Promise<EncodedImage>
  item(question: z.output<typeof ItemQuestion>): Promise<LatentItem>
  directions(map: string): Promise<LatentDirections>
  decode(question: DecodeQuestion): Promise<DecodedCodes>
  codes(question: z.output<typeof CodesQuestion>): Promise<Codes>
  draw(question: z.output<typeof DrawQuestion>): Promise<Codes>
  open(path: string): Promise<LatentFile>
  close(): Promise<void>
}

/** A map with the items that it is of. */
interface OpenMap {
  map: LatentMap
  latents: Latents
  /** Of its run when it was opened. */
  version: string
  directions: LatentDirections | null
}

/** Data that are open for single items. */
interface OpenData extends RunData {
  openedAt: number
}

const mostMaps = 2
const mostData = 2
const mostDrawers = 8
/** How long data are taken as they are, in milliseconds. */
const dataHoldFor = 60_000
/** Codes that a question decodes at most. */
const mostDecoded = 4096

export function createLatentQuestions({ home, backend, signal, inTurn }: QuestionContext): LatentQuestions {
  const context = { home, signal, pause: () => Promise.resolve(), emit: () => undefined }
  const isCurrent = async (run: string, version: string): Promise<boolean> =>
    (await runVersion(run)) === version

  const runs = createOpenRuns(backend)
  const maps = createCache<OpenMap>({
    limit: mostMaps,
    weigh: () => 1,
    isCurrent: ({ map, version }) => isCurrent(map.spec.run, version),
    drop: ({ latents }) => latents.close(),
  })
  const openData = createCache<OpenData>({
    limit: mostData,
    weigh: () => 1,
    isCurrent: ({ openedAt }) => Promise.resolve(performance.now() - openedAt < dataHoldFor),
    drop: ({ dataset }) => dataset.close(),
  })
  const drawers = createCache<Drawer>({ limit: mostDrawers, weigh: () => 1 })

  const openMap = (id: string): Promise<OpenMap> =>
    maps.get(id, async () => {
      const map = await readMap(home, id)
      const version = await runVersion(map.spec.run)
      const latents = await openLatents(map.spec, { ...context, backend: await backend() })
      try {
        checkMapHolds(map, latents)
      } catch (thrown) {
        await latents.close()
        throw thrown
      }
      return { map, latents, version, directions: null }
    })

  async function directionsOfMap(id: string): Promise<LatentDirections> {
    const open = await openMap(id)
    open.directions ??= await directionsOf(open.latents)
    return open.directions
  }

  const dataOf =
    ({ run, version }: OpenRun): WithData =>
    async (source, use) => {
      const key = JSON.stringify([run.path, version, source])
      const open = async (): Promise<OpenData> => ({
        ...(await openLatentData(run, source, context)),
        openedAt: performance.now(),
      })
      return use(await openData.get(key, open))
    }

  /** Fits in steps beside other questions: it takes seconds, but neither the engine nor anything that is open. */
  const drawerOf = (open: OpenRun, source: SampleSource): Promise<Drawer> =>
    drawers.get(JSON.stringify([open.run.path, open.version, source]), async () => {
      const wanted = { ...context, backend: await backend(), withErrors: false }
      const step = async (): Promise<void> => {
        signal.throwIfAborted()
        await setImmediate()
      }
      return openDrawer(
        source,
        open,
        (spec) => inTurn(() => takeLatents(spec, wanted)),
        () => step,
      )
    })

  return {
    model: (path) => inTurn(async () => describeModel(await runs.get(path))),
    map: (id) => readMap(home, id),
    sheet: (question) => inTurn(async () => mapSheet((await openMap(question.map)).latents, question)),
    item: (question) =>
      inTurn(async () => {
        const { map, latents } = await openMap(question.map)
        return mapItem(latents, map, question)
      }),
    directions: (id) => inTurn(() => directionsOfMap(id)),
    decode: (question) => inTurn(async () => decodeForScreen(await runs.get(question.run), question.codes)),
    codes: (question) =>
      inTurn(async () => {
        const open = await runs.get(question.run)
        const codes = await codesOfAnchors(open.run, open.model, question.anchors, dataOf(open))
        return { size: sizeOf(open.model.code), codes, labels: null }
      }),
    async draw({ run, source, seed, first, count, temperature }) {
      const open = await inTurn(() => runs.get(run))
      const drawer = await drawerOf(open, source)
      return {
        size: sizeOf(open.model.code),
        codes: drawer.draw(seed, first, count, temperature),
        labels: drawer.labelOf && Array.from({ length: count }, (_, i) => drawer.labelOf!(first + i)),
      }
    },
    open: (path) => openLatentFile(path),
    async close() {
      await drawers.clear()
      await Promise.all([maps.clear(), openData.clear(), runs.close()])
    },
  }
}

async function describeModel({ run: { path, info }, model }: OpenRun): Promise<LatentModel> {
  const { type } = info.recipe.model
  return {
    run: resolve(path),
    title: (await readRunTitle(path)) ?? basename(path),
    kind: type === 'gan' ? 'gan' : model.variational ? 'variational' : 'autoencoder',
    ...{ input: model.input, code: model.code, canEncode: model.encode !== null },
    data: ownSource(info),
    ...{ items: info.data.items, labelNames: info.data.labelNames },
  }
}

async function decodeForScreen({ run, model }: OpenRun, codes: Float32Array): Promise<DecodedCodes> {
  const size = sizeOf(model.code)
  checkCodes(codes, size, run.path)
  const count = codes.length / size
  if (count > mostDecoded)
    throw new DarkroomError('latents-unsuitable', {
      file: run.path,
      expected: `at most ${mostDecoded} codes at once`,
      received: `${count}`,
    })
  const samples = await model.decode(codes)
  // Of rows that were scaled all curves share one range: a picture that is dragged does not jump.
  const range = run.info.data.scaling === null && model.input.length === 1 ? rangeOf([samples]) : unit
  const { width, height } = frameSize(model.input)
  const pixels = new Uint8Array(count * width * height * 4)
  framesOf(samples, model.input, 1, range).forEach(({ data }, i) => pixels.set(data, i * data.length))
  return { count, width, height, pixels }
}

const unit = [0, 1] as const
