import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { productVersion } from '../../src-main/engine/product.ts'
import { shellInfo, shippedFiles } from '../../src-main/host/shell-info.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('tells the page of the product and its samples', async () => {
  const about = { kind: 'browser', systemLanguage: 'ko-KR', home: '/home', roots: ['/photos'] } as const
  const info = await shellInfo(root, { ...about, roots: [...about.roots] })
  expect(info).toMatchObject({ ...about, version: productVersion(), platform: process.platform })
  expect(info.samples.length).toBeGreaterThan(3)
  for (const sample of info.samples) await access(sample)
  expect(info.samples.filter((sample) => sample.endsWith('.md'))).toEqual([])
  expect(info.sampleData).toMatchObject({ sources: [expect.stringMatching(/images/)] })
  for (const file of shippedFiles(info)) await access(file)
  expect(shippedFiles(info)).toEqual([...info.samples, ...info.sampleData!.sources, info.sampleData!.labels])
  expect(info.notices).toContain('onnxruntime-node')
})
