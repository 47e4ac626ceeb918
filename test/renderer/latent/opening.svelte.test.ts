import { describe, expect, it } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { LatentView } from '../../../src-main/contract/latent.ts'
import type { LatentFile } from '../../../src-main/contract/provenance.ts'
import type { App } from '../../../src-renderer/state/app.ts'
import { openingOf } from '../../../src-renderer/views/latent/file/opening.svelte.ts'

const view = LatentView.parse({ darkroom: 'latent-view', version: 1, map: { run: '/runs/a' } })

/** A window whose engine finds a view in `.json` files, and in pictures nothing. */
function openWindow() {
  const [asked, went, failed]: [string[], unknown[], unknown[]] = [[], [], []]
  const engine = {
    openLatentFile(path: string): Promise<LatentFile> {
      asked.push(path)
      return path.endsWith('.json')
        ? Promise.resolve({ kind: 'view', view })
        : Promise.reject(new DarkroomError('export-unreadable', { file: path }))
    },
    // The view's map is made in its own time.
    start: () => new Promise(() => undefined),
    latentModel: () => new Promise(() => undefined),
    subscribe: () => () => undefined,
  }
  const window = {
    link: { engine, onReady: () => () => undefined },
    route: { go: (...place: unknown[]) => went.push(place) },
    notices: { fail: (thrown: unknown) => failed.push(thrown) },
  } as unknown as App
  return { opening: openingOf(window), asked, went, failed }
}

describe('what is dropped on the view', () => {
  it('is opened where it is a saved view, pictures wanted or not', async () => {
    for (const arePicturesWanted of [false, true]) {
      const { opening, went } = openWindow()
      expect(await opening.tryOpen(['/a/view.json'], arePicturesWanted)).toBe(true)
      expect(went).toHaveLength(1)
    }
  })
  it('is a picture where pictures are wanted, however it was made', async () => {
    const { opening, asked } = openWindow()
    expect(await opening.tryOpen(['/a/grid.png'], true)).toBe(false)
    expect(asked).toEqual([])
  })
  it('is something else where it says nothing, is a folder, or several', async () => {
    const { opening, asked, failed } = openWindow()
    expect(await opening.tryOpen(['/a/photo.png'])).toBe(false)
    expect(asked).toEqual(['/a/photo.png'])
    expect(await opening.tryOpen(['/a/folder'])).toBe(false)
    expect(await opening.tryOpen(['/a/view.json', '/a/other.json'])).toBe(false)
    expect(failed).toEqual([])
  })
})
