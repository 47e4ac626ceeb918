import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'svelte/compiler'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src-main/contract/errors.ts'
import { en } from '../../src-main/contract/messages/en.ts'
import { ko } from '../../src-main/contract/messages/ko.ts'
import {
  describeError,
  isMessageKey,
  pickLocale,
  translate,
} from '../../src-main/contract/messages/messages.ts'

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

describe('catalogues', () => {
  it('hold the same keys', () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort())
  })

  it.each(Object.keys(en) as (keyof typeof en)[])('%s has the same placeholders in both languages', (key) => {
    expect(placeholders(ko[key])).toEqual(placeholders(en[key]))
  })

  it('say what happened and what to do for every error code', () => {
    for (const code of errorCodes)
      for (const key of [`error.${code}`, `remedy.${code}`]) expect(isMessageKey(key), key).toBe(true)
  })

  it('are translated: a Korean text has Hangul unless it is made of names, units and numbers', () => {
    const names =
      'Latent Darkroom Node Traced onnxruntime WebAssembly PSNR SSIM ELBO ReLU Leaky ELU tanh Charbonnier β VAE GAN DCGAN PCA UMAP KL σ MP s dB nat CSV GIF WebP JSON F CUDA NVIDIA DirectML Core ML WebGPU'
    const known = new Set(names.split(' '))
    const untranslated = Object.entries(ko).filter(
      ([, text]) =>
        !/\p{Script=Hangul}/u.test(text) &&
        (text.replace(/\{\w+\}/g, ' ').match(/\p{L}+/gu) ?? []).some((word) => !known.has(word)),
    )
    expect(untranslated).toEqual([])
  })
})

describe('translate', () => {
  it('fills in parameters and leaves placeholders that have none', () => {
    expect(translate('en', 'progress.images', { done: 3, total: 12 })).toBe('3/12 files')
    expect(translate('ko', 'progress.images', { done: 3, total: 12 })).toBe('파일 3/12')
    expect(translate('en', 'remedy.output-collision')).toContain('{dir}')
  })

  it('takes parameters literally', () => {
    expect(translate('en', 'result.export', { file: '$& {file}.onnx' })).toBe('Written: $& {file}.onnx')
  })
})

describe('pickLocale', () => {
  it.each([
    [{ LANG: 'ko_KR.UTF-8' }, 'ko'],
    [{ LANG: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'ko_KR.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'ko_KR.UTF-8', LC_ALL: '' }, 'ko'],
    [{ LANG: 'en_US', LC_MESSAGES: 'ko_KR' }, 'ko'],
    [{ LANG: 'kok_IN' }, 'en'],
    [{}, 'en'],
  ])('%o is %s', (env, locale) => {
    expect(pickLocale(env)).toBe(locale)
  })
})

describe('describeError', () => {
  it('gives what, where and remedy', () => {
    const detail = { code: 'image-empty', file: 'a.jpg', expected: 'an image', received: '0 bytes' } as const
    expect(describeError(detail, 'en')).toEqual({
      what: 'The file is empty.',
      where: 'a.jpg: expected an image, received 0 bytes',
      remedy: 'Copy it again from where it came from.',
    })
    expect(describeError(detail, 'ko').where).toBe('a.jpg: 필요한 값 an image, 받은 값 0 bytes')
  })

  it('has no middle line when nothing is known', () => {
    expect(describeError({ code: 'disk-full' }, 'en').where).toBeNull()
  })
})

describe('components', () => {
  const folder = fileURLToPath(new URL('../../src-renderer/', import.meta.url))
  const components = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.svelte'),
  )
  /** Attributes that a person sees or hears; `class` and the like are for the machine. */
  const spoken = [
    ...['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext'],
    ...['alt', 'hint', 'label', 'placeholder', 'text', 'title'],
  ]
  /** Names, which are the same in every language. */
  const names = /Latent Darkroom|English|한국어|Node|\p{Script=Greek}/gu

  interface Node {
    type?: string
    name?: string
    data?: string
  }
  /** Texts that stand in the markup itself. */
  function literalsIn(tree: unknown): string[] {
    if (typeof tree !== 'object' || tree === null) return []
    const node = tree as Node
    if (node.type === 'Comment' || node.type === 'StyleDirective') return []
    if (node.type === 'Text') return [node.data ?? '']
    if (node.type === 'Attribute' && !spoken.includes(node.name ?? '')) return []
    return Object.values(tree).flatMap(literalsIn)
  }

  it('are looked at', () => {
    expect(components.length).toBeGreaterThan(20)
    expect(literalsIn(parse('<p title="a {b}" class="c">d</p>', { modern: true }).fragment)).toEqual([
      'a ',
      'd',
    ])
  })

  it.each(components)('%s takes its texts from the catalogues', (file) => {
    const { fragment } = parse(readFileSync(folder + file, 'utf8'), { modern: true })
    const literals = literalsIn(fragment).filter((text) => /\p{L}/u.test(text.replaceAll(names, '')))
    expect(literals).toEqual([])
  })
})
