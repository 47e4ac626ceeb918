import { flushSync } from 'svelte'
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine } from '../../../src-main/contract/engine.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { Anchor, Group } from '../../../src-main/contract/latent.ts'
import { createMean } from '../../../src-renderer/views/latent/arithmetic/mean.svelte.ts'
import { added, shifted, strengthsBetween } from '../../../src-renderer/views/latent/arithmetic/vectors.ts'
import { pathAs, safeName } from '../../../src-renderer/components/save-path.ts'
import type { App } from '../../../src-renderer/state/app.ts'

describe('vectors', () => {
  it('adds codes that travel flattened', () => {
    expect(added([1, 1], Float32Array.of(1, 2, 3, 4))).toEqual([5, 7])
  })
  it('adds the difference of two groups as strongly as is asked for', () => {
    expect(shifted([1, 1], [3, 0], [1, 2], 0)).toEqual([1, 1])
    expect(shifted([1, 1], [3, 0], [1, 2], 1.5)).toEqual([4, -2])
    expect(shifted([1, 1], [3, 0], [1, 2], -1)).toEqual([-1, 3])
  })
  it('puts strengths evenly apart', () => {
    expect(strengthsBetween(0, 1.5, 4)).toEqual([0, 0.5, 1, 1.5])
    expect(strengthsBetween(-0.3, 0.3, 3)).toEqual([-0.3, 0, 0.3])
    expect(strengthsBetween(0, 2, 1)).toEqual([2])
  })
})

describe('the mean of a group', () => {
  const releases: (() => void)[] = []
  afterEach(() => releases.splice(0).forEach((release) => release()))
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      await Promise.resolve()
      flushSync()
    }
  }
  /** Item i has the code [i, 1]. */
  function follow(group: Group | null, fail = false) {
    const questions: number[][] = []
    const engine = {
      codesOf: ({ anchors }: { anchors: Anchor[] }) => {
        const indexes = anchors.map((anchor) => (anchor.from === 'item' ? anchor.index : -1))
        questions.push(indexes)
        if (fail) return Promise.reject(new DarkroomError('file-not-found', { file: 'gone' }))
        return Promise.resolve({
          ...{ size: 2, labels: null },
          codes: Float32Array.from(indexes.flatMap((index) => [index, 1])),
        })
      },
    } as unknown as Engine
    let now = $state.raw(group)
    let mean!: ReturnType<typeof createMean>
    releases.push(
      $effect.root(() => {
        mean = createMean({ link: { engine } as unknown as App['link'] }, '/run', () => now)
      }),
    )
    flushSync()
    return { mean, questions, set: (next: Group | null) => (now = next) }
  }
  const data = { sources: ['/data'], labels: null }

  it('is that of all its items, asked about a few hundred at a time', async () => {
    const indexes = Array.from({ length: 600 }, (_, index) => index)
    const { mean, questions } = follow({ data, indexes })
    await settled()
    expect(mean.code).toEqual([299.5, 1])
    expect([mean.done, mean.count]).toEqual([600, 600])
    expect(questions.map(({ length }) => length)).toEqual([256, 256, 88])
  })

  it('follows the group, and forgets the one before', async () => {
    const { mean, set } = follow({ data, indexes: [4, 6] })
    await settled()
    expect(mean.code).toEqual([5, 1])
    set({ data, indexes: [7] })
    await settled()
    expect(mean.code).toEqual([7, 1])
    set(null)
    await settled()
    expect([mean.code, mean.count]).toEqual([null, null])
  })

  it('says why it cannot be had', async () => {
    const { mean } = follow({ data, indexes: [4] }, true)
    await settled()
    expect(mean.error).toEqual({ code: 'file-not-found', file: 'gone' })
    expect(mean.code).toBeNull()
  })
})

describe('names of exports', () => {
  it('hold nothing that a file system refuses', () => {
    expect(safeName('VAE: 2/3?')).toBe('VAE- 2-3-')
    expect(safeName(' ')).toBe('export')
  })
  it.each([
    ['/home/a/walk.gif', '.webp', '/home/a/walk.webp'],
    ['/home/a/walk.gif', null, '/home/a/walk'],
    ['/home/a/walk', '.png', '/home/a/walk.png'],
    ['/home/a/v1.2', '.gif', '/home/a/v1.2.gif'],
  ])('%s with the extension %s is %s', (path, extension, expected) => {
    expect(pathAs(path, extension)).toBe(expected)
  })
})
