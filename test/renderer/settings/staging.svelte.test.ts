import { flushSync } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StageNativeJob, type NativeOffer } from '../../../src-main/contract/native.ts'
import type { JobStatus } from '../../../src-main/contract/jobs.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createNotices } from '../../../src-renderer/state/notices.svelte.ts'
import { createRuns } from '../../../src-renderer/state/runs.svelte.ts'
import { stagingOf } from '../../../src-renderer/views/settings/engine/staging.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const size = { download: 3e8, downloaded: 0, disk: 6e8, room: 2e9 }
const offer: NativeOffer = {
  ...{ obstacle: null, cpu: size, cuda: size, free: 1e10, missing: [], staged: null, driver: false },
}
const staged = { version: '2.21.0', cuda: false, folder: '/home/native', selfTest: null }
const status: JobStatus = {
  ...{ id: 'job', job: StageNativeJob.parse({ type: 'stage-native' }), run: null },
  progress: { done: 1e8, total: 3e8, secondsLeft: 20, step: 'download' },
}

async function open(first: { jobs?: JobStatus[] } = {}) {
  let jobs = first.jobs ?? []
  let now = offer
  const program = fakeProgram({
    engine: {
      nativeOffer: () => Promise.resolve(now),
      runs: () => Promise.resolve([]),
      jobs: () => Promise.resolve(jobs),
      stop: () => Promise.resolve(),
      start: () => {
        jobs = [status]
        return Promise.resolve('job')
      },
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const runs = createRuns(link)
  const staging = stagingOf({ link, notices: createNotices(), runs })
  await vi.waitUntil(() => staging.offer !== null && runs.jobs.length === jobs.length)
  flushSync()
  const told = async (): Promise<void> => {
    program.tellEngine({ id: 'job', event: 'progress', progress: status.progress! })
    await vi.waitUntil(() => staging.job !== null)
    flushSync()
  }
  return {
    ...{ program, staging, told },
    become: (next: NativeOffer) => (now = next),
    asked: () => program.calls.filter(({ name }) => name === 'nativeOffer').length,
  }
}

describe('staging the native engine', () => {
  it('downloads nothing before it is asked to', async () => {
    const { program, staging } = await open()
    expect(staging.job).toBeNull()
    expect(program.calls.some(({ name }) => name === 'start')).toBe(false)
  })

  it('starts the job that was asked for, and sees what is there when that has ended', async () => {
    const { program, staging, told, become } = await open()
    await staging.start({ cuda: true, force: false })
    expect(program.calls.find(({ name }) => name === 'start')?.args[0]).toEqual({
      ...{ type: 'stage-native', cuda: true, force: false },
    })
    await told()
    expect(staging.job?.progress?.step).toBe('download')
    become({ ...offer, staged })
    program.tellEngine({
      ...{ id: 'job', event: 'done' },
      result: {
        ...{ type: 'stage-native', staged: { version: '2.21.0', cuda: false, folder: '/home/native' } },
        selfTest: { passed: true, difference: 1e-6, seconds: 3, failure: null },
      },
    })
    await vi.waitUntil(() => staging.job === null)
    await vi.waitUntil(() => staging.offer?.staged !== null)
    expect(staging.error).toBeNull()
  })

  it('is followed and cancelled by a page that was loaded meanwhile', async () => {
    const { program, staging } = await open({ jobs: [status] })
    expect(staging.job?.id).toBe('job')
    staging.cancel()
    await vi.waitUntil(() => program.calls.some(({ name, args }) => name === 'stop' && args[0] === 'job'))
    program.tellEngine({ id: 'job', event: 'cancelled' })
    await vi.waitUntil(() => staging.job === null)
    expect(staging.error).toBeNull()
  })

  it('says why it failed, also to a page that was loaded meanwhile, and forgets it with the next start', async () => {
    const { program, staging, told, asked } = await open({ jobs: [status] })
    const before = asked()
    program.tellEngine({ id: 'job', event: 'failed', error: { code: 'disk-full' } })
    await vi.waitUntil(() => staging.error?.code === 'disk-full')
    await vi.waitUntil(() => asked() > before)
    await staging.start({ cuda: false, force: false })
    await told()
    expect(staging.error).toBeNull()
  })
})
