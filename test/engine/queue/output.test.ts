import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { outputFor, plannedOutput } from '../../../src-main/engine/queue/output.ts'
import { writeImages } from '../../support/batch.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { settingsOf } from '../../support/queue.ts'

const temporary = temporaryFolder()
const example = (source: string, fields: Parameters<typeof settingsOf>[0] = {}, dir = '') =>
  outputFor({ source, dir, settings: settingsOf(fields) }, () => Promise.resolve('camera'))

describe('outputFor', () => {
  it('goes beside the file, or below the folder that was added', async () => {
    expect(await example('/a/photos/x.jpg')).toBe('/a/photos/denoised/x.jpg')
    expect(await example('/a/photos/may/1/x.jpg', {}, join('may', '1'))).toBe(
      '/a/photos/denoised/may/1/x.jpg',
    )
    expect(await example('/a/photos/may/x.jpg', { out: '/out' }, 'may')).toBe('/out/may/x.jpg')
  })

  it('fills the template, and takes the ending from the format', async () => {
    const name = '{dir}/{model}/{name}-{sigma}{ext}'
    expect(await example('/a/x.PNG', { name, model: 'photo' })).toBe('/a/denoised/photo/x-auto.PNG')
    expect(await example('/a/x.gif', { name: '{name}', sigma: 5 })).toBe('/a/denoised/x.png')
    expect(await example('/a/x.png', { format: 'avif' })).toBe('/a/denoised/x.avif')
    expect(await example('/a/x.png', { model: '/runs/mine.onnx', name: '{model}' })).toBe(
      '/a/denoised/mine.png',
    )
  })

  it('has the model that is chosen for a picture, where the name says it', async () => {
    await writeImages(temporary('chosen'), ['x.png'])
    const path = temporary('chosen', 'x.png')
    expect(await example(path, { name: '{name} {model}' })).toBe(
      temporary('chosen', 'denoised', 'x camera.png'),
    )
  })

  it('goes by what the file is where there is one, not by its name', async () => {
    await writeImages(temporary('photos'), ['x.png'])
    await rename(temporary('photos', 'x.png'), temporary('photos', 'x.jpg'))
    expect(await example(temporary('photos', 'x.jpg'))).toBe(temporary('photos', 'denoised', 'x.png'))
  })

  it.each(['{nom}', '../{name}', '{name}.jpg'])('refuses the template %s', async (name) => {
    await expect(example('/a/x.png', { name })).rejects.toMatchObject({
      detail: { code: 'argument-invalid' },
    })
  })

  it('refuses several pages where a format holds one', () => {
    const stack = { source: '/a/x.tif', dir: '', container: 'tiff', pages: 3 } as const
    expect(plannedOutput(stack, settingsOf({}))).toBe('/a/denoised/x.tif')
    expect(() => plannedOutput(stack, settingsOf({ format: 'png' }))).toThrow('3 pages')
  })
})
