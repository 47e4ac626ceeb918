import { flushSync } from 'svelte'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../../src-main/contract/errors.ts'
import { createI18n, pickLanguage } from '../../../src-renderer/state/i18n.svelte.ts'

const english = createI18n(
  () => 'en',
  () => [],
)
const korean = createI18n(
  () => 'ko',
  () => [],
)

describe('pickLanguage', () => {
  it.each([
    [['ko-KR', 'en'], 'ko'],
    [['de-DE', 'ko'], 'ko'],
    [['kok-IN'], 'en'],
    [['EN-gb', 'ko'], 'en'],
    [[], 'en'],
  ])('%o is %s', (tags, locale) => {
    expect(pickLanguage(tags)).toBe(locale)
  })
})

describe('texts', () => {
  it('follow the system until a person chooses', () => {
    let wanted = $state<'system' | 'en'>('system')
    const i18n = createI18n(
      () => wanted,
      () => ['ko-KR'],
    )
    expect(i18n.t('ui.close')).toBe('닫기')
    wanted = 'en'
    flushSync()
    expect(i18n.t('ui.close')).toBe('Close')
  })

  it('of failures do not send a person of the window to the command line', () => {
    for (const code of errorCodes)
      for (const i18n of [english, korean]) expect(i18n.error({ code }).remedy, code).not.toMatch(/`|--\w/)
  })

  it('show an unknown warning as it is', () => {
    expect(english.message('warning.depth-reduced')).toMatch(/bits/)
    expect(english.message('warning.of-a-later-version')).toBe('warning.of-a-later-version')
  })
})

describe('numbers', () => {
  it.each([
    [0, '0 byte'],
    [999, '999 byte'],
    [1000, '1 kB'],
    [2_612_345, '2.6 MB'],
    [25_000_000, '25 MB'],
    [8e9, '8 GB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(english.bytes(bytes)).toBe(text)
  })

  it.each([
    [0, '0 sec', '0초'],
    [42.4, '42 sec', '42초'],
    [60, '1 min', '1분'],
    [200, '3 min 20 sec', '3분 20초'],
    [3900, '1 hr 5 min', '1시간 5분'],
    [7200, '2 hr', '2시간'],
  ])('%d seconds are %s', (seconds, inEnglish, inKorean) => {
    expect(english.duration(seconds)).toBe(inEnglish)
    expect(korean.duration(seconds)).toBe(inKorean)
  })

  it('are written as the language does', () => {
    expect(english.number(22403)).toBe('22,403')
    expect(english.percent(0.256)).toBe('26%')
    expect(korean.date('2026-11-21T12:00:00')).toBe('2026. 11. 21.')
  })
})
