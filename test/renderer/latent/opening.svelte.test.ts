import { describe, expect, it } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import { LatentView } from '../../../src-main/contract/latent.ts'
import type { LatentFile, Provenance } from '../../../src-main/contract/provenance.ts'
import type { App } from '../../../src-renderer/state/app.ts'
import { openingOf } from '../../../src-renderer/views/latent/file/opening.svelte.ts'

const view = LatentView.parse({ darkroom: 'latent-view', version: 1, map: { run: '/runs/a' } })

/** What an export of so many pictures says of itself, as far as it is looked at. */
const exportOf = (pictures: number): LatentFile => ({
  kind: 'export',
  run: 'same',
  provenance: { codes: Array.from({ length: pictures }, () => [0, 0]) } as Provenance,
})

/** A window whose engine finds a view in `.json` files, exports of nine and of one picture, and in photos nothing. */
function openWindow() {
  const [asked, went, failed]: [string[], unknown[], unknown[]] = [[], [], []]
  const engine = {
    openLatentFile(path: string): Promise<LatentFile> {
      asked.push(path)
      if (path.endsWith('.json')) return Promise.resolve({ kind: 'view', view })
      if (path.endsWith('photo.png'))
        return Promise.reject(new DarkroomError('export-unreadable', { file: path }))
      return Promise.resolve(exportOf(path.endsWith('grid.png') ? 9 : 1))
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
  it('is a picture where pictures are wanted, however it was made, but not a sheet of several', async () => {
    const { opening } = openWindow()
    expect(await opening.tryOpen(['/a/photo.png'], true)).toBe(false)
    expect(await opening.tryOpen(['/a/one.png'], true)).toBe(false)
    expect(opening.made).toBeNull()
    expect(await opening.tryOpen(['/a/grid.png'], true)).toBe(true)
    expect(opening.made).toEqual(exportOf(9))
    expect(await opening.tryOpen(['/a/one.png'])).toBe(true)
    expect(opening.made).toEqual(exportOf(1))
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
