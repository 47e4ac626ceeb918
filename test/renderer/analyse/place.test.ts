import { describe, expect, it } from 'vitest'
import { analysePlace, partOf, type AnalysePlace } from '../../../src-renderer/views/analyse/place.ts'

describe('the place in the Analyse view', () => {
  it.each<AnalysePlace>([
    { kind: 'new-detector' },
    { kind: 'new-detector', run: '/runs/my-run' },
    { kind: 'new-classifier' },
    { kind: 'new-classifier', run: 'C:\\runs\\vae' },
    { kind: 'detector', path: '/실행/detector-1' },
    { kind: 'classifier', path: 'C:\\classifier' },
    { kind: 'label', run: '/runs/new-detector' },
  ])('stands in the address: %o', (place) => {
    expect(analysePlace(partOf(place))).toEqual(place)
  })
  it.each([null, 'none', 'detector', 'detector-', 'label-', 'models'])('is none for %s', (part) => {
    expect(analysePlace(part)).toEqual({ kind: 'none' })
  })
})
