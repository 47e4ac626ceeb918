import { z } from 'zod'

/**
 * Put the native engine (TensorFlow) into the program's own folder: it is downloaded, built and tried, and is there whole or not at all.
 * What an interrupted job has downloaded is kept, and the next one goes on from there.
 */
export const StageNativeJob = z.strictObject({
  type: z.literal('stage-native'),
  /** With kernels for NVIDIA's graphics cards, and NVIDIA's libraries. */
  cuda: z.boolean().default(false),
  /** Stage again what is there already. */
  force: z.boolean().default(false),
})
export type StageNativeJob = z.infer<typeof StageNativeJob>

/** Steps of staging, in their order. Each has a message `staging.<step>`. */
export const stagingSteps = ['download', 'unpack', 'build', 'try'] as const
export type StagingStep = (typeof stagingSteps)[number]

/** What was staged, as the engine found it. */
export const StagedNative = z.strictObject({
  /** Version of libtensorflow. */
  version: z.string(),
  cuda: z.boolean(),
  folder: z.string(),
})
export type StagedNative = z.infer<typeof StagedNative>

/** What an engine made of a small training and a forward pass, against the default engine. */
export const SelfTestReport = z.strictObject({
  passed: z.boolean(),
  /** Largest difference from the default engine's values, relative to the largest of each tensor; null where it failed before. */
  difference: z.number().nullable(),
  seconds: z.number(),
  /** What the engine said where it failed; null otherwise. */
  failure: z.string().nullable(),
})
export type SelfTestReport = z.infer<typeof SelfTestReport>

/** Bytes that one kind of native engine takes. */
export interface NativeSize {
  /** To download in all. */
  download: number
  /** Of these, what an interrupted job has left. */
  downloaded: number
  /** On the disk when it is staged. */
  disk: number
  /** On the disk while it is being staged, beyond what is there now. */
  room: number
}

/** Whether and how the native engine can be had on this machine. Nothing is downloaded to find this out. */
export interface NativeOffer {
  /** A key of the message catalogue: why it cannot be staged here; null where it can. */
  obstacle: 'native.platform' | null
  cpu: NativeSize
  cuda: NativeSize
  /** Bytes free where it would be put. */
  free: number
  /** Commands that are missing, with the Debian package of each; empty where all are there. */
  missing: { command: string; packageName: string }[]
  /** What is staged, or what a person installed beside the program; null where there is none. */
  staged: (StagedNative & { selfTest: SelfTestReport | null }) | null
  /** Whether a driver of NVIDIA's is there: without one the kind with CUDA computes on the processor. */
  driver: boolean
}
