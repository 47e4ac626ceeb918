import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runPipeline, type PipelineSteps } from '../../../src-main/engine/jobs/pipeline.ts'

const never = new AbortController().signal

/** Steps that write down what happens; each can be made to wait or to fail. */
function recorder(overrides: Partial<PipelineSteps<{ n: number }, number, number>> = {}) {
  const log: string[] = []
  const steps: PipelineSteps<{ n: number }, number, number> = {
    read: ({ n }) => Promise.resolve(n),
    work: (_, read) => Promise.resolve(read * 10),
    write: () => Promise.resolve(),
    fail: () => Promise.resolve(),
    ...overrides,
  }
  const wrapped: typeof steps = {
    read: (item) => (log.push(`read ${item.n}`), steps.read(item)),
    work: (item, read) => (log.push(`work ${item.n}`), steps.work(item, read)),
    write: async (item, worked) => {
      log.push(`write ${item.n}: ${worked}`)
      await steps.write(item, worked)
      log.push(`written ${item.n}`)
    },
    fail: async (item, thrown) => {
      log.push(`failed ${item.n}: ${(thrown as Error).message}`)
      await steps.fail(item, thrown)
    },
  }
  return { log, steps: wrapped }
}

/** Hands over so many items, one by one. */
const items = (count: number) => {
  let n = 0
  return () => (n < count ? { n: n++ } : undefined)
}
const limits = { items: 2, weight: () => 1, weightLimit: 100 }

describe('runPipeline', () => {
  it('reads ahead of the work and goes on working while a write is slow', async () => {
    const { log, steps } = recorder({ write: () => setTimeout(20) })
    await runPipeline(items(3), steps, limits, never)
    const at = (line: string): number => log.indexOf(line)
    expect(at('read 1')).toBeLessThan(at('work 0'))
    expect(at('work 1')).toBeLessThan(at('written 0'))
    expect(log.filter((line) => line.startsWith('written'))).toHaveLength(3)
    expect(log).toContain('write 2: 20')
  })

  it('works on one item at a time, in order', async () => {
    let working = 0
    const order: number[] = []
    const { steps } = recorder({
      async work({ n }) {
        expect(++working).toBe(1)
        order.push(n)
        await setTimeout(3 - n)
        working--
        return n
      },
    })
    await runPipeline(items(4), steps, limits, never)
    expect(order).toEqual([0, 1, 2, 3])
  })

  it('holds no more items than it may, and no more weight unless it is one item', async () => {
    const held = { reading: 0, writing: 0 }
    const most = { reading: 0, writing: 0 }
    const { steps } = recorder({
      read: ({ n }) => {
        most.reading = Math.max(most.reading, ++held.reading)
        return Promise.resolve(n)
      },
      work: ({ n }) => {
        held.reading--
        return Promise.resolve(n)
      },
      async write() {
        most.writing = Math.max(most.writing, ++held.writing)
        await setTimeout(5)
        held.writing--
      },
    })
    await runPipeline(items(8), steps, { items: 3, weight: () => 1, weightLimit: 100 }, never)
    // One more is being taken over by the work while the next is read.
    expect(most.reading).toBeLessThanOrEqual(4)
    expect(most.writing).toBe(3)
    most.writing = 0
    await runPipeline(items(8), steps, { items: 3, weight: () => 60, weightLimit: 100 }, never)
    expect(most.writing).toBe(1)
  })

  it.each(['read', 'work', 'write'] as const)('reports an item whose %s fails and goes on', async (step) => {
    const bad = ({ n }: { n: number }) =>
      n === 1 ? Promise.reject(new Error(`bad ${step}`)) : Promise.resolve(n)
    const { log, steps } = recorder({ [step]: bad })
    await runPipeline(items(3), steps, limits, never)
    expect(log.filter((line) => line.startsWith('failed'))).toEqual([`failed 1: bad ${step}`])
    expect(log.filter((line) => line.startsWith('written'))).toEqual(['written 0', 'written 2'])
  })

  it('ends with the error of fail, after the writes under way', async () => {
    const { log, steps } = recorder({
      write: () => setTimeout(10),
      work: ({ n }) => (n === 1 ? Promise.reject(new Error('full')) : Promise.resolve(n)),
      fail: () => Promise.reject(new Error('full')),
    })
    await expect(runPipeline(items(5), steps, limits, never)).rejects.toThrow('full')
    expect(log).toContain('written 0')
    expect(log).not.toContain('work 2')
  })

  it('stops when it is cancelled: finishes writes, begins nothing, blames no item', async () => {
    const controller = new AbortController()
    const { log, steps } = recorder({
      write: () => setTimeout(10),
      work: ({ n }) => {
        if (n < 1) return Promise.resolve(n)
        controller.abort()
        return Promise.reject(new Error('cancelled'))
      },
    })
    await expect(runPipeline(items(5), steps, limits, controller.signal)).rejects.toThrow('abort')
    expect(log).toContain('written 0')
    expect(log.filter((line) => /failed|work 2/.test(line))).toEqual([])
  })

  it('is done, not cancelled, when nothing was left out', async () => {
    const controller = new AbortController()
    const { log, steps } = recorder({
      write: ({ n }) => {
        if (n === 2) controller.abort()
        return Promise.resolve()
      },
    })
    await runPipeline(items(3), steps, limits, controller.signal)
    expect(log).toContain('written 2')
  })

  it('takes what comes while the last one is written, and ends when nothing more comes', async () => {
    const left = [{ n: 0 }]
    const { log, steps } = recorder({
      async write({ n }) {
        await setTimeout(5)
        if (n === 0) left.push({ n: 1 })
      },
    })
    await runPipeline(() => left.shift(), steps, limits, never)
    expect(log.filter((line) => line.startsWith('written'))).toEqual(['written 0', 'written 1'])
  })

  it('takes no item before there is room for it, but one', async () => {
    let taken = 0
    let begun = 0
    const take = items(6)
    const { steps } = recorder({
      work({ n }) {
        expect(taken - ++begun).toBeLessThanOrEqual(limits.items + 1)
        return Promise.resolve(n)
      },
    })
    const counting = () => {
      const item = take()
      if (item !== undefined) taken++
      return item
    }
    await runPipeline(counting, steps, limits, never)
    expect(begun).toBe(6)
  })

  it('does nothing for nothing', async () => {
    const { log, steps } = recorder()
    await runPipeline(items(0), steps, limits, never)
    expect(log).toEqual([])
  })
})
