import { expect, it } from 'vitest'
import type { JobEvent } from '../../src-main/contract/jobs.ts'
import { writeImages } from '../support/batch.ts'
import { darkroom } from '../support/cli.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'

const temporary = temporaryFolder()

it('learns from the picture itself, which is the network’s time too', async () => {
  await writeImages(temporary('in'), ['a.png'], 32)
  const paths = [temporary('in'), '--out', temporary('out')]
  const { code, stdout } = await darkroom(['denoise', ...paths, '--model', 'zero-shot', '--json'])
  expect(code).toBe(0)
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as JobEvent
  if (last.event !== 'done' || last.result.type !== 'denoise') throw new Error('wrong result')
  expect(last.result.done).toBe(1)
  expect(last.result.networkShare).toBeGreaterThan(0.5)
  expect(last.result.networkShare).toBeLessThanOrEqual(1)
})
