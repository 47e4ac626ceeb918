import { z } from 'zod'

/** Ways to execute a network. */
export const engineNames = ['traced', 'wasm', 'native'] as const
export type EngineName = (typeof engineNames)[number]
export const EngineChoice = z.enum(['auto', ...engineNames])
export type EngineChoice = z.infer<typeof EngineChoice>
