import { describe, expect, it } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import {
  checkTemplate,
  folderName,
  renderName,
  stemOf,
  type NameFields,
} from '../../../src-main/engine/jobs/naming.ts'

const fields: NameFields = { dir: '2024/may', name: 'IMG 1', ext: '.jpg', model: 'photo', sigma: 'auto' }
const render = (template: string, some: Partial<NameFields> = {}): string =>
  renderName(template, { ...fields, ...some })

const errorOf = (work: () => unknown): DarkroomError['detail'] => {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof DarkroomError) return thrown.detail
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('renderName', () => {
  it.each([
    ['{dir}/{name}{ext}', {}, '2024/may/IMG 1.jpg'],
    ['{dir}/{name}{ext}', { dir: '' }, 'IMG 1.jpg'],
    ['{name}_{model}_{sigma}{ext}', {}, 'IMG 1_photo_auto.jpg'],
    ['{name}-clean', {}, 'IMG 1-clean.jpg'],
    ['{name}{ext}', { name: 'scan.png', ext: '.png' }, 'scan.png'],
    ['{name}{ext}', { name: 'scan.PNG', ext: '.png' }, 'scan.PNG'],
    ['{name}{ext}', { name: '사진 📷', ext: '.webp' }, '사진 📷.webp'],
    ['{name}{ext}', { name: '{ext}{dir}' }, '{ext}{dir}.jpg'],
    ['./a//{name}{ext}', {}, 'a/IMG 1.jpg'],
    ['{dir}/../{name}{ext}', {}, '2024/IMG 1.jpg'],
  ])('%s with %o is %s', (template, some, expected) => {
    expect(render(template, some)).toBe(expected)
  })

  it.each(['../{name}{ext}', '{dir}/../../../{name}{ext}', '/tmp/{name}{ext}', '{name}\0{ext}', '../..'])(
    'refuses %j, which leaves the output folder',
    (template) => {
      expect(errorOf(() => render(template))).toMatchObject({ code: 'argument-invalid', file: '--name' })
    },
  )

  it('takes a name of 255 bytes and refuses one of 256, in bytes and not in letters', () => {
    expect(render('{name}{ext}', { name: 'n'.repeat(251) })).toHaveLength(255)
    expect(errorOf(() => render('{name}{ext}', { name: 'n'.repeat(252) })).code).toBe('output-unwritable')
    expect(errorOf(() => render('{name}{ext}', { name: '한'.repeat(84) }))).toMatchObject({
      code: 'output-unwritable',
      received: '256 bytes',
    })
  })
})

describe('checkTemplate', () => {
  it('names an unknown placeholder and what there is', () => {
    expect(errorOf(() => checkTemplate('{name}{extension}'))).toEqual({
      code: 'argument-invalid',
      file: '--name',
      expected: '{dir} {name} {ext} {model} {sigma}',
      received: '{extension}',
    })
  })

  it('refuses a written-out image extension, which the format may contradict', () => {
    expect(errorOf(() => checkTemplate('{name}.png')).received).toBe('.png')
  })

  it('passes what is allowed', () => {
    for (const template of ['{dir}/{name}{ext}', 'clean/{name}_{sigma}', '{name}.v2{ext}'])
      expect(() => checkTemplate(template)).not.toThrow()
  })
})

describe('stemOf', () => {
  it.each([
    ['a/photo.jpg', 'photo'],
    ['photo.JPEG', 'photo'],
    ['scan.png.tif', 'scan.png'],
    ['v1.5 draft', 'v1.5 draft'],
    ['.png', '.png'],
  ])('%s has the stem %s', (path, stem) => {
    expect(stemOf(path)).toBe(stem)
  })
})

describe('a label as the name of a folder', () => {
  it.each([
    ['T-shirt/top', 'T-shirt-top'],
    ['v1. ', 'v1'],
    ['../up', '-up'],
    ['..', ''],
    ['셔츠: 긴팔', '셔츠- 긴팔'],
  ])('%j is %j', (label, name) => {
    expect(folderName(label)).toBe(name)
  })
})
