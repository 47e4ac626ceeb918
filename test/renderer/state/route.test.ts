import { describe, expect, it } from 'vitest'
import { addressOf, createRoute, placeOf } from '../../../src-renderer/state/route.svelte.ts'

describe('addresses', () => {
  it.each([
    ['#/models', 'models', null],
    ['#/settings/engine', 'settings', 'engine'],
    ['', 'denoise', null],
    ['#/nowhere', 'denoise', null],
    ['#/settings/../x', 'denoise', null],
    ['#/train/run-%E', 'train', null],
  ])('%s is %s, %s', (hash, view, part) => {
    expect(placeOf(hash)).toEqual({ view, part })
  })

  it('lead back to the place', () => {
    expect(placeOf(addressOf('settings', 'about'))).toEqual({ view: 'settings', part: 'about' })
    const part = 'run-C:\\학습 1/50%?#'
    expect(placeOf(addressOf('train', part))).toEqual({ view: 'train', part })
  })
})

describe('createRoute', () => {
  it('opens where a reload left it, and follows the address', () => {
    const location = { hash: '#/models' }
    let change = (): void => undefined
    const page = { location, addEventListener: (_type: string, listener: () => void) => (change = listener) }
    const route = createRoute(page as unknown as Window)
    expect(route.view).toBe('models')
    route.go('settings', 'about')
    expect([location.hash, route.view, route.part]).toEqual(['#/settings/about', 'settings', 'about'])
    location.hash = '#/denoise'
    change()
    expect(route.view).toBe('denoise')
  })
})
