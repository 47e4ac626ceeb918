import { describe, expect, it } from 'vitest'
import { ClusterMethod } from '../../../src-main/contract/latent.ts'
import { clustersOf } from '../../../src-main/engine/latent/clusters.ts'
import { fakeLatents, heaps } from '../../support/latents.ts'

const context = {
  signal: new AbortController().signal,
  pause: () => Promise.resolve(),
  emit: () => undefined,
}
const { codes, of } = heaps(4, 50, 5)
const labels = { names: ['a', 'b', 'c', 'd'], of }
const find = (method: object, given = codes) =>
  clustersOf(fakeLatents(given, 5, { labels }), ClusterMethod.parse(method), 3, context)

describe('clusters of codes', () => {
  it.each([
    { type: 'kmeans' },
    { type: 'kmeans', count: 4 },
    { type: 'mixture' },
    { type: 'density', smallest: 20 },
  ])('are the heaps that they lie in: $type $count', async (method) => {
    const clusters = await find(method)
    expect(clusters.sizes).toHaveLength(4)
    expect(clusters.sizes.reduce((a, b) => a + b) + clusters.noise).toBe(200)
    expect(clusters.ari).toBeGreaterThan(0.9)
    expect(clusters.nmi).toBeGreaterThan(0.9)
    expect(clusters.silhouette).toBeGreaterThan(0.7)
    clusters.sizes.forEach((size, cluster) => {
      expect(clusters.of.filter((one) => one === cluster)).toHaveLength(size)
      if (cluster > 0) expect(size).toBeLessThanOrEqual(clusters.sizes[cluster - 1]!)
    })
    expect(await find(method)).toEqual(clusters)
  })

  it('say how many they are where that is asked for, however the items lie', async () => {
    expect((await find({ type: 'kmeans', count: 7 })).sizes).toHaveLength(7)
    const one = await find({ type: 'mixture', count: 1 })
    expect(one).toMatchObject({ sizes: [200], silhouette: null, ari: 0 })
  })

  it('need items, and codes that differ', async () => {
    await expect(find({ type: 'kmeans' }, codes.subarray(0, 5))).rejects.toMatchObject({
      detail: { code: 'latents-unsuitable', expected: 'at least 2 items', received: '1' },
    })
    await expect(find({ type: 'kmeans', count: 201 })).rejects.toThrow('at least 201 items')
    await expect(find({ type: 'density', smallest: 500 })).rejects.toThrow('at least 500 items')
    await expect(
      find(
        { type: 'mixture' },
        codes.map(() => 0.5),
      ),
    ).rejects.toThrow('collapsed')
  })

  it('are no longer looked for when the job is stopped', async () => {
    const signal = AbortSignal.abort()
    for (const type of ['kmeans', 'mixture', 'density'])
      await expect(
        clustersOf(fakeLatents(codes, 5), ClusterMethod.parse({ type }), 0, { ...context, signal }),
      ).rejects.toThrow('aborted')
  })
})
