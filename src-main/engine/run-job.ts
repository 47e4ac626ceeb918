import type { Job, JobResult } from '../contract/jobs.ts'
import type { JobContext } from './jobs/context.ts'

/** Does what a job asks for. Its code, and all heavy code below it, is imported only now. */
export async function runJob(job: Job, context: JobContext): Promise<JobResult> {
  switch (job.type) {
    case 'denoise':
      return (await import('./jobs/denoise.ts')).denoise(job, context)
    case 'train':
      return (await import('./jobs/train.ts')).train(job, context)
    case 'inspect':
      return (await import('./jobs/inspect.ts')).inspect(job, context)
    case 'reconstruct':
      return (await import('./jobs/reconstruct.ts')).reconstruct(job, context)
    case 'evaluate':
      return (await import('./jobs/evaluate.ts')).evaluate(job, context)
    case 'evaluate-run':
      return (await import('./jobs/evaluate-run.ts')).evaluateRun(job, context)
    case 'export':
      return (await import('./jobs/export.ts')).exportModel(job, context)
    case 'archive':
      return (await import('./jobs/archive.ts')).archive(job, context)
    case 'import-run':
      return (await import('./jobs/import-run.ts')).importRun(job, context)
    case 'stage-native':
      return (await import('./jobs/stage-native.ts')).stageNative(job, context)
    case 'encode':
      return (await import('./jobs/encode.ts')).encode(job, context)
    case 'decode':
      return (await import('./jobs/decode.ts')).decode(job, context)
    case 'map':
      return (await import('./jobs/map.ts')).map(job, context)
    case 'interpolate':
      return (await import('./jobs/interpolate.ts')).interpolate(job, context)
    case 'traverse':
      return (await import('./jobs/traverse.ts')).traverse(job, context)
    case 'sample':
      return (await import('./jobs/sample.ts')).sample(job, context)
    case 'arithmetic':
      return (await import('./jobs/arithmetic.ts')).arithmetic(job, context)
    case 'neighbours':
      return (await import('./jobs/neighbours.ts')).neighbours(job, context)
    case 'cluster':
      return (await import('./jobs/cluster.ts')).cluster(job, context)
    case 'export-items':
      return (await import('./jobs/export-items.ts')).exportItems(job, context)
    case 'save-view':
      return (await import('./jobs/save-view.ts')).saveView(job)
    case 'anomaly-fit':
      return (await import('./jobs/anomaly-fit.ts')).anomalyFit(job, context)
    case 'anomaly-score':
      return (await import('./jobs/anomaly-score.ts')).anomalyScore(job, context)
    case 'classify-fit':
      return (await import('./jobs/classify-fit.ts')).classifyFit(job, context)
    case 'classify-predict':
      return (await import('./jobs/classify-predict.ts')).classifyPredict(job, context)
  }
}
