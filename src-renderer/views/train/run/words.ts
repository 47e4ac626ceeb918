import { isMessageKey, type MessageKey } from '../../../../src-main/contract/messages/messages.ts'
import type { JobStatus } from '../../../../src-main/contract/jobs.ts'
import type { RunSummary } from '../../../../src-main/contract/runs.ts'
import type { I18n } from '../../../state/i18n.svelte.ts'

/** A term of the loss or a measure in a person's words; an unknown one by its own name. `psnr-25`: PSNR at σ 25. */
export function termLabel(i18n: I18n, term: string): string {
  const [, name = term, sigma] = /^(psnr|ssim)-([\d.]+)$/.exec(term) ?? []
  const key = `ui.train.term.${name}`
  const label = isMessageKey(key) ? i18n.t(key) : name
  return sigma === undefined ? label : `${label}, σ ${i18n.number(Number(sigma))}`
}

/** A figure with four digits, whatever its size. */
export function figure(i18n: I18n, value: number): string {
  const size = Math.abs(value)
  const isFar = size !== 0 && (size < 1e-3 || size >= 1e6)
  return i18n.number(value, {
    maximumSignificantDigits: isFar ? 3 : 4,
    ...(isFar ? { notation: 'scientific' } : {}),
  })
}

/** A term's value with its unit, where it has one. */
export function measureText(i18n: I18n, term: string, value: number): string {
  if (term.startsWith('psnr'))
    return `${i18n.number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} dB`
  if (term === 'elbo') return i18n.t('ui.train.run.nats', { value: figure(i18n, value) })
  if (term === 'active') return i18n.percent(value)
  return figure(i18n, value)
}

/** Epochs or steps that are done, of how many; by themselves where they are more: a run may be resumed with fewer than it has done. */
export function ofTotal(i18n: I18n, done: number, total: number | null): string {
  const text = i18n.number(done, { maximumFractionDigits: 1 })
  return total === null || total === 0 || done > total
    ? text
    : i18n.t('ui.train.run.of', { done: text, total: i18n.number(total) })
}

/** `train`, `pretrain-2`. */
export function stageLabel(i18n: I18n, stage: string): string {
  const [, layer] = /^pretrain-(\d+)$/.exec(stage) ?? []
  return layer === undefined
    ? i18n.t('ui.train.run.stage.train')
    : i18n.t('ui.train.run.stage.pretrain', { layer })
}

/** Whether the lines of a preview show what was made from noise, and nothing that went in. */
export const areGenerated = (rows: readonly string[]): boolean => rows.includes('generated')

/** Measures, in the order in which one stands for a run: what is most telling first. */
const telling = ['psnr', 'elbo', 'ssim', 'loss', 'diversity']

/** The figure that stands for a run in a list; null before its first validation. */
export function lastFigure(validation: Record<string, number>): { term: string; value: number } | null {
  const terms = Object.keys(validation)
  const term = telling.flatMap(
    (name) => terms.find((one) => one === name || one.startsWith(`${name}-`)) ?? [],
  )[0]
  return term === undefined ? null : { term, value: validation[term]! }
}

/** What a training that has not ended does: it waits for its turn, reads its data, or trains. */
export const jobKey = ({ run, progress }: JobStatus): MessageKey => {
  if (run !== null) return 'ui.train.runs.running'
  return progress === null ? 'ui.train.run.waiting' : 'ui.train.run.opening'
}

export const stateKey = (state: RunSummary['state']): MessageKey => `ui.train.runs.${state}`

/** Height × width × channels, or the number of values. */
export const shapeText = (shape: readonly number[]): string => shape.join(' × ')
