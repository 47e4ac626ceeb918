import type { z } from 'zod'
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
  SheetQuestion,
} from '../../contract/latent.ts'
import type { EncodedImage } from '../../contract/preview.ts'
import type { LatentFile } from '../../contract/provenance.ts'
import type { Backend } from '../backend/backend.ts'

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

export interface LatentQuestionsOptions {
  /** The program's own folder. */
  home: string
  openBackend: () => Promise<Backend>
}
