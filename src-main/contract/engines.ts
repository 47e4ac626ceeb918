import { z } from 'zod'

/** Engines on a graphics card or its like: execution providers of onnxruntime-node, over the traced graphs. */
export const providerNames = ['cuda', 'directml', 'coreml', 'webgpu'] as const
export type ProviderName = (typeof providerNames)[number]

/** Ways to execute a network. */
export const engineNames = ['traced', 'wasm', 'native', ...providerNames] as const
export type EngineName = (typeof engineNames)[number]
export const EngineChoice = z.enum(['auto', ...engineNames])
export type EngineChoice = z.infer<typeof EngineChoice>
