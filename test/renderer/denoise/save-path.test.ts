import { expect, it } from 'vitest'
import { folderOf, nameOf } from '../../../src-renderer/state/names.ts'
import { settingsForPath } from '../../../src-renderer/views/denoise/save-path.ts'

it.each([
  ['/home/a/x.jpg', '/home/a', 'x.jpg'],
  ['C:\\Users\\a\\x.jpg', 'C:\\Users\\a', 'x.jpg'],
  ['/x.jpg', '', 'x.jpg'],
  ['x.jpg', '', 'x.jpg'],
  ['/사진/밤 하늘.png', '/사진', '밤 하늘.png'],
])('takes %s apart', (path, folder, name) => {
  expect(folderOf(path)).toBe(folder)
  expect(nameOf(path)).toBe(name)
})

it.each([
  ['/a/b.png', { out: '/a', name: 'b', format: 'png' }],
  ['/a/b.JPEG', { out: '/a', name: 'b', format: 'jpeg' }],
  ['/a/v1.5 draft.tif', { out: '/a', name: 'v1.5 draft', format: 'tiff' }],
  ['/a/v1.5 draft', { out: '/a', name: 'v1.5 draft', format: 'keep' }],
  ['/.hidden', { out: '/', name: '.hidden', format: 'keep' }],
  ['D:\\b.webp', { out: 'D:', name: 'b', format: 'webp' }],
])('writes to %s', (path, settings) => {
  expect(settingsForPath(path)).toEqual(settings)
})
