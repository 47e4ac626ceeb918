import type { MessageKey } from '../../../../src-main/contract/messages/messages.ts'

/** A code as it is copied: a JSON array of numbers. Six digits tell more than any picture shows. */
export const codeText = (code: readonly number[]): string =>
  JSON.stringify(code.map((value) => Number(value.toPrecision(6))))

export type ReadCode =
  { code: number[] } | { wrong: MessageKey; params?: { expected: number; received: number } }

/** The code that a text holds. @param size numbers that it must have */
export function readCode(text: string, size: number): ReadCode {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { wrong: 'ui.latent.paste.no-list' }
  }
  if (!Array.isArray(value)) return { wrong: 'ui.latent.paste.no-list' }
  if (!value.every((one): one is number => typeof one === 'number' && Number.isFinite(one)))
    return { wrong: 'ui.latent.paste.no-numbers' }
  if (value.length !== size)
    return { wrong: 'ui.latent.paste.width', params: { expected: size, received: value.length } }
  return { code: value }
}
