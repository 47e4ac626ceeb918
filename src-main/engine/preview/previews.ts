import { DarkroomError } from '../../contract/errors.ts'
import { automaticModel, type ModelChoice } from '../../contract/evidence.ts'
import {
  tileSide,
  type EncodedImage,
  type PreviewDenoise,
  type PreviewInfo,
  type PreviewQuestion,
  type PreviewTile,
  type ResidualQuestion,
  type ResidualReport,
  type ThumbnailQuestion,
  type TileQuestion,
} from '../../contract/preview.ts'
import { measureResidual } from '../analysis/residual.ts'
import { denoiseRegion } from '../inference/denoiser.ts'
import { ensembled } from '../inference/ensemble.ts'
import type { Denoiser } from '../inference/network.ts'
import { chooseModel } from '../inference/choose.ts'
import { cropPage, type Rectangle } from '../inference/tiles.ts'
import { profileName } from '../storage/icc.ts'
import type { ImagePage } from '../storage/image.ts'
import { encodeForScreen, encodeThumbnail, readThumbnail } from '../storage/screen-images.ts'
import { createCache } from './cache.ts'
import { createNetworks, type LearntPage, type NetworkSource } from './networks.ts'
import { fileVersion, openPicture, outOf, type Picture } from './pictures.ts'
import { levelCount } from './pyramid.ts'

export interface PreviewOptions extends NetworkSource {
  /** Ids of the models that `auto` may stand for. */
  shippedModels: () => Promise<string[]>
  /** Bytes of decoded pictures that are kept beside the one in use, which is kept whatever its size. */
  cacheBytes?: number
}

/** Answers the window's questions about pictures; `contract/preview.ts` says what each answer is. */
export interface Previews {
  thumbnail(question: ThumbnailQuestion): Promise<EncodedImage>
  preview(question: PreviewQuestion): Promise<PreviewInfo>
  tile(question: TileQuestion): Promise<PreviewTile>
  residual(question: ResidualQuestion): Promise<ResidualReport>
  screenImage(question: PreviewQuestion): Promise<EncodedImage>
  close(): Promise<void>
}

/** Ten photographs of 24 megapixels. */
const defaultCacheBytes = 768 * 2 ** 20
/** Encoded denoised tiles, about 500 of them: going back to a σ that was tried before shows it at once. */
const tileCacheBytes = 64 * 2 ** 20
/** Longest side of the part whose residual is measured: enough to tell, in less than a second. */
const residualSide = 512

/**
 * Pictures for the window: thumbnails, tiles of a pyramid as they are and denoised, and what denoising took away. Nothing is
 * done for a whole picture before its first tile but decoding, halving down to the level, and the noise estimate.
 */
export function createPreviews(options: PreviewOptions): Previews {
  const pictures = createCache<Picture>({
    limit: options.cacheBytes ?? defaultCacheBytes,
    weigh: (picture) => picture.bytes(),
    isCurrent: async ({ file, version }) => (await fileVersion(file.path)) === version,
  })
  const tiles = createCache<PreviewTile>({ limit: tileCacheBytes, weigh: ({ bytes }) => bytes.length })
  const networks = createNetworks(options)
  let lastThumbnail: Promise<unknown> = Promise.resolve()

  const open = (path: string): Promise<Picture> => pictures.get(path, () => openPicture(path))

  const choiceFor = async (picture: Picture): Promise<ModelChoice> =>
    chooseModel(await picture.noise(), await options.shippedModels())

  /** The network that a picture is shown through: at every level and on every page the one that will clean its file. */
  const modelOf = async (picture: Picture, { model }: PreviewDenoise): Promise<string> =>
    model === automaticModel ? (await choiceFor(picture)).model : model

  /** Only a level's making lets a picture grow. */
  async function levelOf(picture: Picture, page: number, level: number): Promise<ImagePage> {
    const samples = await picture.level(page, level)
    await pictures.trim()
    return samples
  }

  /** What the network makes of a region, and the σ that it was told. */
  async function denoised(
    picture: Picture,
    page: number,
    level: number,
    region: Rectangle,
    denoise: PreviewDenoise,
  ): Promise<{ clean: ImagePage; sigma: number | null }> {
    const work = async (denoiser: Denoiser) => {
      const sigma = await sigmaFor(denoiser, picture, page, level, denoise)
      const network = denoise.ensemble ? ensembled(denoiser) : denoiser
      return {
        clean: await denoiseRegion(network, await picture.level(page, level), region, sigma),
        sigma,
      }
    }
    return networks.use(await modelOf(picture, denoise), work, pageOf(picture, page, level))
  }

  return {
    async thumbnail({ path, side }) {
      const direct = await readThumbnail(path, side)
      if (direct !== null) return direct
      // One at a time, and not kept: a folder of such files must not push out the picture that is looked at.
      const made = lastThumbnail.then(async () => {
        const picture = await openPicture(path)
        const { width, height } = await picture.level(0, 0)
        const smaller = Math.max(0, Math.floor(Math.log2(Math.max(width, height) / side)))
        const level = Math.min(smaller, levelCount(width, height) - 1)
        return encodeThumbnail(await picture.level(0, level), picture.file.metadata.icc, side)
      })
      lastThumbnail = made.catch(() => null)
      return made
    },

    async preview({ path, page = 0 }) {
      const picture = await open(path)
      const { width, height, channels, alpha } = await picture.level(page, 0)
      const { container, metadata, pages } = picture.file
      const choice = await choiceFor(picture)
      return {
        ...{ path, page, pages: pages.length, width, height, channels, hasAlpha: alpha !== null },
        ...{ bits: metadata.source.bits, container },
        profile: metadata.icc && profileName(metadata.icc),
        ...{ sigma: await picture.sigma(page, 0), choice },
        levels: levelCount(width, height),
      }
    },

    async tile({ path, page = 0, level, column, row, denoise }) {
      const picture = await open(path)
      const samples = await levelOf(picture, page, level)
      const region = tileRegion(path, samples, column, row)
      if (denoise === null) {
        const shown = await encodeForScreen(cropPage(samples, region), picture.file.metadata.icc)
        return { ...shown, sigma: null }
      }
      const network = await networks.version(await modelOf(picture, denoise))
      const { sigma, ensemble = false } = denoise
      const key = JSON.stringify([path, picture.version, page, level, column, row, network, sigma, ensemble])
      return tiles.get(key, async () => {
        const shown = await denoised(picture, page, level, region, denoise)
        return { ...(await encodeForScreen(shown.clean, picture.file.metadata.icc)), sigma: shown.sigma }
      })
    },

    async residual({ path, page = 0, region, denoise }) {
      const picture = await open(path)
      const whole = await picture.level(page, 0)
      const part = middleOf(path, whole, region)
      const { clean } = await denoised(picture, page, 0, part, denoise)
      return measureResidual(cropPage(whole, part), clean)
    },

    async screenImage({ path, page = 0 }) {
      // Not kept: it must not push out the picture that is looked at.
      const picture = await openPicture(path)
      return encodeForScreen(await picture.level(page, 0), picture.file.metadata.icc)
    },

    async close() {
      await networks.close()
      await Promise.all([tiles.clear(), pictures.clear(), lastThumbnail])
    },
  }
}

/** A level of a page, for a network that learns from it. */
const pageOf = (picture: Picture, page: number, level: number): LearntPage => ({
  key: JSON.stringify([picture.file.path, picture.version, page, level]),
  samples: () => picture.level(page, level),
})

/**
 * What the network is told at a level. Averaging 2×2 pixels halves the σ of white noise, so one that a person named is
 * divided by 2^level; correlated noise falls less, so an estimate is made at the level itself.
 * @returns 8-bit scale of the level; null for a network that takes none.
 */
async function sigmaFor(
  denoiser: Denoiser,
  picture: Picture,
  page: number,
  level: number,
  { sigma }: PreviewDenoise,
): Promise<number | null> {
  if (!denoiser.takesSigma) return null
  return sigma === 'auto' ? picture.sigma(page, level) : sigma / 2 ** level
}

function tileRegion(path: string, page: ImagePage, column: number, row: number): Rectangle {
  const columns = Math.ceil(page.width / tileSide)
  const rows = Math.ceil(page.height / tileSide)
  if (column >= columns) throw outOf(path, 'column', columns, column)
  if (row >= rows) throw outOf(path, 'row', rows, row)
  const [x, y] = [column * tileSide, row * tileSide]
  return { x, y, width: Math.min(tileSide, page.width - x), height: Math.min(tileSide, page.height - y) }
}

/** The middle of a region, no larger than is needed to measure a residual. */
function middleOf(path: string, page: ImagePage, region: Rectangle): Rectangle {
  if (region.x + region.width > page.width || region.y + region.height > page.height)
    throw new DarkroomError('argument-invalid', {
      file: path,
      expected: `a region inside ${page.width}×${page.height}`,
      received: `${region.width}×${region.height} at ${region.x}, ${region.y}`,
    })
  const width = Math.min(residualSide, region.width)
  const height = Math.min(residualSide, region.height)
  return {
    x: region.x + Math.floor((region.width - width) / 2),
    y: region.y + Math.floor((region.height - height) / 2),
    width,
    height,
  }
}
