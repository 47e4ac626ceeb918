import type { App } from '../../state/app.ts'
import { pictureAt } from './pixels.ts'
import type { Latent } from './view.svelte.ts'

/** The picture of one code, for a place that shows it. */
export interface Shown {
  /** The newest that has come; null before the first. */
  readonly image: ImageData | null
  /** Asks for another one: while it is on its way, only the newest of those asked for is kept. */
  show(code: readonly number[]): void
}

export function createShown({ notices }: Pick<App, 'notices'>, latent: Latent): Shown {
  const decode = latent.createDecoder()
  let image = $state.raw<ImageData | null>(null)
  return {
    get image() {
      return image
    },
    show(code) {
      decode(Float32Array.from(code)).then(
        (decoded) => {
          if (decoded !== null) image = pictureAt(decoded, 0)
        },
        (thrown: unknown) => notices.fail(thrown),
      )
    },
  }
}
