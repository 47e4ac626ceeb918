import { expect, it, vi } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type * as Images from '../../../src-main/engine/storage/images.ts'
import { tree, writeImages } from '../../support/batch.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { openTestQueue, settingsOf } from '../../support/queue.ts'
import { writeTinyModel } from '../../support/tiny-model.ts'

const disk = vi.hoisted(() => ({ isFull: false }))
vi.mock('../../../src-main/engine/storage/images.ts', async (original) => {
  const images = await original<typeof Images>()
  const writeImage: typeof images.writeImage = (image, path, options) =>
    disk.isFull
      ? Promise.reject(new DarkroomError('disk-full', { file: path }))
      : images.writeImage(image, path, options)
  return { ...images, writeImage }
})

const temporary = temporaryFolder()

it('pauses when the disk is full, and goes on when there is room again', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `${n}.png`)
  await writeImages(temporary('photos'), names)
  await writeTinyModel(temporary('tiny.onnx'))
  const queue = await openTestQueue(temporary('home'))
  const settings = settingsOf({ model: temporary('tiny.onnx'), sigma: 20 })
  await queue.do({ type: 'add', sources: [temporary('photos')], settings })
  disk.isFull = true
  await queue.do({ type: 'save', ids: 'all' })
  const withState = (state: string) => queue.state().items.filter((item) => item.state === state)
  await queue.until(() => queue.state().paused && withState('running').length === 0)
  expect(withState('failed')[0]!.error).toMatchObject({ code: 'disk-full' })
  expect(withState('waiting').length).toBeGreaterThan(0)
  expect(withState('failed').length + withState('waiting').length).toBe(8)
  disk.isFull = false
  await queue.do({ type: 'retry', ids: 'all' })
  await queue.do({ type: 'resume' })
  await queue.until(() => withState('done').length === 8)
  expect(await tree(temporary('photos', 'denoised'))).toEqual(names)
  await queue.close()
})
