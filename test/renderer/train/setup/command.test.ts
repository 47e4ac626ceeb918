import { expect, it } from 'vitest'
import { commandOf } from '../../../../src-renderer/views/train/setup/start/command.ts'

const job = {
  type: 'train',
  data: { sources: ["/home/a/it's mine"], labels: 'folders' },
  recipe: 'beta-vae',
  overrides: ['penalties.0.weight=8', 'loss={"type":"l1"}'],
  startFrom: '/runs/one',
  out: null,
} as const

it('is the command line of the same training', () => {
  expect(
    commandOf(
      { ...job, overrides: [...job.overrides], data: { ...job.data, sources: [...job.data.sources] } },
      'runs/beta-vae',
      'linux',
    ),
  ).toBe(
    `darkroom train '/home/a/it'\\''s mine' --labels folders --recipe beta-vae --set penalties.0.weight=8 --set 'loss={"type":"l1"}' --start-from /runs/one --out runs/beta-vae`,
  )
})

it('is quoted for the shell of the system, and leaves out what was not chosen', () => {
  const plain = {
    type: 'train',
    data: { sources: ['C:\\My pictures'], labels: null },
    recipe: 'conv',
    out: null,
  } as const
  expect(
    commandOf({ ...plain, data: { ...plain.data, sources: [...plain.data.sources] } }, 'runs/conv', 'win32'),
  ).toBe("darkroom train 'C:\\My pictures' --recipe conv --out runs/conv")
})
