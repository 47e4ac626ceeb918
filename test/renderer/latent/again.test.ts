import { describe, expect, it } from 'vitest'
import { Job, type JobInput } from '../../../src-main/contract/jobs.ts'
import { againOf, runOf } from '../../../src-renderer/views/latent/file/again.ts'

const parsed = (job: JobInput): Job => Job.parse(job)

describe('an export that is made again', () => {
  it('is the same job for another path', () => {
    const job = parsed({ type: 'sample', run: '/runs/vae', seed: 7, count: 9, out: '/old/grid.of.nine.png' })
    const again = againOf(job)!
    expect([again.name, again.extension]).toEqual(['grid.of.nine', '.png'])
    expect(again.job('/new/grid.png', true)).toEqual({ ...job, out: '/new/grid.png', overwrite: true })
    expect(runOf(job)).toBe('/runs/vae')
  })
  it('is a folder where it was one', () => {
    const job = parsed({ type: 'sample', run: '/runs/vae', out: '/old/pictures' })
    expect(againOf(job)).toMatchObject({ name: 'pictures', extension: null })
  })
  it('is the picture of a map before its table, and nothing of one that wrote nothing', () => {
    const spec = { run: '/runs/vae' }
    const map = parsed({ type: 'map', spec, out: '/old/map.csv', png: '/old/map.png' })
    expect(againOf(map)!.job('/new/map.png', false)).toMatchObject({ png: '/new/map.png', out: null })
    expect(againOf(parsed({ type: 'map', spec }))).toBeNull()
    expect(runOf(map)).toBe('/runs/vae')
  })
})
