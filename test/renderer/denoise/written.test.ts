import { expect, it } from 'vitest'
import { fileOf, isStale } from '../../../src-renderer/views/denoise/written.ts'
import { queueItem } from '../../support/fake-program.ts'

const { settings } = queueItem('a')
const weaker = { ...settings, strength: 50 }
const done = queueItem('a', { state: 'done', output: '/out/a.jpg', written: settings })

it('knows the file that settings were written to, until they change', () => {
  expect(fileOf(done, settings)).toBe('/out/a.jpg')
  expect(fileOf(done, { ...settings })).toBe('/out/a.jpg')
  expect(fileOf(done, weaker)).toBe(null)
  expect(isStale(done)).toBe(false)
  expect(isStale({ ...done, settings: { ...settings } })).toBe(false)
  expect(isStale({ ...done, settings: weaker })).toBe(true)
})

it('claims nothing where it is not known what was written', () => {
  const unknown = { ...done, written: null, settings: weaker }
  expect(fileOf(unknown, settings)).toBe(null)
  expect(isStale(unknown)).toBe(false)
})
