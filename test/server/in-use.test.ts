import { expect, it } from 'vitest'
import { pathsInUse } from '../../src-main/server/in-use.ts'
import { fakeEngine } from '../support/fake-engine.ts'

it('holds on to what the queue and the runs were made from', async () => {
  const data = (labels: string | null) => ({ info: { data: { sources: ['/uploads/a/set'], labels } } })
  const engine = fakeEngine({
    queue: () => Promise.resolve({ items: [{ source: '/uploads/b/1.jpg' }] }),
    runs: () =>
      Promise.resolve([
        { path: '/runs/one', state: 'stopped' },
        { path: '/runs/broken', state: 'unreadable' },
        { path: '/runs/two', state: 'finished' },
      ]),
    run: (path: string) =>
      path === '/runs/broken'
        ? Promise.reject(new Error('asked for'))
        : Promise.resolve(data(path === '/runs/two' ? '/uploads/c/labels.csv' : null)),
  })
  expect(await pathsInUse(engine)).toEqual([
    '/uploads/b/1.jpg',
    '/uploads/a/set',
    '/uploads/a/set',
    '/uploads/c/labels.csv',
  ])
})
