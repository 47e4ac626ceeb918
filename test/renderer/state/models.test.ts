import { afterEach, expect, it, vi } from 'vitest'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createI18n } from '../../../src-renderer/state/i18n.svelte.ts'
import { createModels } from '../../../src-renderer/state/models.svelte.ts'
import { fakeProgram, modelEntry } from '../../support/fake-program.ts'

const links: Link[] = []
const i18n = createI18n(
  () => 'ko',
  () => [],
)
afterEach(() => links.splice(0).forEach((link) => link.close()))

it('lists models by origin, leaves out the broken where one is to be used, and follows changes', async () => {
  let models = [
    modelEntry('b'),
    modelEntry('broken', { error: { code: 'model-unreadable' } }),
    modelEntry('run', { origin: 'trained' }),
    modelEntry('zero-shot', { origin: 'built-in', title: 'zero-shot' }),
    modelEntry('photo', { origin: 'shipped', title: 'Photo' }),
  ]
  const program = fakeProgram({ engine: { models: () => Promise.resolve(models) } })
  const link = createLink(program.open)
  links.push(link)
  const store = createModels(link, i18n)
  expect(store.all).toBeNull()
  await vi.waitUntil(() => store.all !== null)
  expect(store.all?.map(({ id }) => id)).toEqual(['photo', 'zero-shot', 'run', 'b', 'broken'])
  expect(store.usable.map(({ id }) => id)).toEqual(['photo', 'zero-shot', 'run', 'b'])
  expect([store.title('photo'), store.title('gone')]).toEqual(['사진 노이즈 제거', 'gone'])
  expect([store.title('zero-shot'), store.title('run')]).toEqual(['제로샷', modelEntry('run').title])

  models = [modelEntry('only')]
  program.tellEngine({ event: 'models' })
  await vi.waitUntil(() => store.all?.length === 1)
})
