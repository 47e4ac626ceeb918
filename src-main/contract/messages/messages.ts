import type { ErrorDetail } from '../errors.ts'
import { en } from './en.ts'
import { ko } from './ko.ts'

export const locales = ['en', 'ko'] as const
export type Locale = (typeof locales)[number]
export type MessageKey = keyof typeof en

const catalogues: Record<Locale, Record<MessageKey, string>> = { en, ko }

/** Whether a string that came as data (a warning in a report) is a key of the catalogue. */
export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(en, key)

/** The text of a key; `{name}` is replaced by the parameter of that name, and stays where there is none. */
export const translate = (
  locale: Locale,
  key: MessageKey,
  params: Record<string, string | number> = {},
): string =>
  catalogues[locale][key].replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    String(params[name] ?? placeholder),
  )

/** The language that the environment asks for, by POSIX precedence (LC_ALL, LC_MESSAGES, LANG); English otherwise. */
export function pickLocale(env: Record<string, string | undefined>): Locale {
  const asked = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '')
  const language = asked?.split(/[_.@-]/)[0]?.toLowerCase()
  return locales.find((locale) => locale === language) ?? 'en'
}

export interface ErrorText {
  what: string
  /** Which file, what was expected, what was received; null when the error says nothing of it. */
  where: string | null
  remedy: string
}

/** A failure in a person's words: three lines. */
export function describeError(detail: ErrorDetail, locale: Locale): ErrorText {
  const facts = [
    detail.expected && translate(locale, 'error.expected', { expected: detail.expected }),
    detail.received && translate(locale, 'error.received', { received: detail.received }),
  ].filter(Boolean)
  const where = [detail.file, facts.join(', ')].filter(Boolean).join(': ')
  return {
    what: translate(locale, `error.${detail.code}`),
    where: where === '' ? null : where,
    remedy: translate(locale, `remedy.${detail.code}`),
  }
}
