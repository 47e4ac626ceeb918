import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createExports } from '../../../src-renderer/views/models/exports.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

function open() {
  const program = fakeProgram({ engine: { start: () => Promise.resolve('job') } })
  const link = createLink(program.open)
  links.push(link)
  return { program, exports: createExports(link) }
}

describe('exporting a model', () => {
  it('resolves to the file when its own job is done', async () => {
    const { program, exports } = open()
    const file = exports.run('photo', '/out.onnx')
    await vi.waitUntil(() => program.calls.some(({ name }) => name === 'start'))
    expect(exports.isRunning).toBe(true)
    program.tellEngine({ id: 'other', event: 'failed', error: { code: 'internal' } })
    program.tellEngine({
      id: 'job',
      event: 'done',
      result: { type: 'export', file: '/out.onnx', maxDifference: 0 },
    })
    expect(await file).toBe('/out.onnx')
    expect(exports.isRunning).toBe(false)
  })

  it('rejects with the failure of the job', async () => {
    const { program, exports } = open()
    const failure = expect(exports.run('photo', '/out.onnx')).rejects.toMatchObject({
      detail: { code: 'output-unwritable', file: '/out.onnx' },
    })
    await vi.waitUntil(() => program.calls.some(({ name }) => name === 'start'))
    program.tellEngine({
      id: 'job',
      event: 'failed',
      error: { code: 'output-unwritable', file: '/out.onnx' },
    })
    await failure
  })
})
