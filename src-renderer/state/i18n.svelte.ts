import type { ErrorDetail } from '../../src-main/contract/errors.ts'
import {
  describeError,
  isMessageKey,
  locales,
  translate,
  type ErrorText,
  type Locale,
  type MessageKey,
} from '../../src-main/contract/messages/messages.ts'

export type Params = Record<string, string | number>

export interface I18n {
  readonly locale: Locale
  t(key: MessageKey, params?: Params): string
  /** The text of a key that came as data, such as a warning; an unknown one is shown as it is. */
  message(key: string): string
  /** A failure in a person's words; where the remedy is another one in the window than on the command line, the window's. */
  error(detail: ErrorDetail): ErrorText
  number(value: number, options?: Intl.NumberFormatOptions): string
  /** A share, 0–1, in percent. */
  percent(share: number): string
  /** A size in decimal units, as file managers show it. */
  bytes(value: number): string
  /** A length of time: `42 s`, `3 min 20 s`, `1 hr 5 min`. */
  duration(seconds: number): string
  date(value: Date | string): string
}

/** The language of the catalogues that suits a list of BCP 47 tags best. */
export const pickLanguage = (tags: readonly string[]): Locale =>
  tags.flatMap((tag) => locales.find((locale) => new RegExp(`^${locale}(-|$)`, 'i').test(tag)) ?? [])[0] ??
  'en'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** @param wanted what the person chose; @param system tags of the system's languages */
export function createI18n(wanted: () => 'system' | Locale, system: () => readonly string[]): I18n {
  const chosen = $derived(wanted())
  const locale = $derived(chosen === 'system' ? pickLanguage(system()) : chosen)

  const number = (value: number, options?: Intl.NumberFormatOptions): string =>
    new Intl.NumberFormat(locale, options).format(value)
  const unit = (value: number, name: string): string =>
    number(value, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 })

  return {
    get locale() {
      return locale
    },
    t: (key, params) => translate(locale, key, params),
    message: (key) => (isMessageKey(key) ? translate(locale, key) : key),
    error(detail) {
      const text = describeError(detail, locale)
      const remedy = `ui.remedy.${detail.code}`
      return isMessageKey(remedy) ? { ...text, remedy: translate(locale, remedy) } : text
    },
    number,
    percent: (share) => number(share, { style: 'percent', maximumFractionDigits: 0 }),
    bytes(value) {
      const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3))
      const scaled = value / 1000 ** power
      return number(scaled, {
        style: 'unit',
        unit: units[power]!,
        unitDisplay: 'short',
        maximumFractionDigits: scaled < 10 && power > 0 ? 1 : 0,
      })
    },
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds))
      const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
      const parts =
        hours > 0
          ? [unit(hours, 'hour'), minutes > 0 && unit(minutes, 'minute')]
          : [minutes > 0 && unit(minutes, 'minute'), (rest > 0 || minutes === 0) && unit(rest, 'second')]
      return parts.filter((part) => part !== false).join(' ')
    },
    date: (value) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(value)),
  }
}
