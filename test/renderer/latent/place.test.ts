import { describe, expect, it } from 'vitest'
import { hasCodes, latentPlace, partOf } from '../../../src-renderer/views/latent/place.ts'

describe('the place in the Latent view', () => {
  it.each(['/runs/vae', 'C:\\runs\\my-run', '/실행/map-1'])('stands in the address with %s', (run) => {
    expect(latentPlace(partOf({ tab: 'samples', run }))).toEqual({ tab: 'samples', run })
  })
  it.each([null, 'none', 'nowhere-/runs/vae', 'map-'])('is none for %s', (part) => {
    expect(latentPlace(part).run).toBeNull()
  })
  it('takes runs that have codes and weights', () => {
    const run = { model: 'autoencoder', state: 'finished', step: 10 } as const
    expect(hasCodes(run)).toBe(true)
    expect(hasCodes({ ...run, model: 'gan' })).toBe(true)
    expect(hasCodes({ ...run, model: 'denoiser' })).toBe(false)
    expect(hasCodes({ ...run, step: 0 })).toBe(false)
    expect(hasCodes({ ...run, state: 'unreadable' })).toBe(false)
  })
})
