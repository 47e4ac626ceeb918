import { expect, test } from 'vitest'
import type { Backend, Program } from '../../../src-main/engine/backend/backend.ts'
import { selfTest } from '../../../src-main/engine/backend/self-test.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { native, nativeIsStaged, runtimes } from '../../support/backends.ts'

/** The default engine, but with a step that goes wrong. */
function broken(right: Backend, run: (program: Program) => Program['run']): Backend {
  return {
    ...right,
    async compile(step, signature) {
      const program = await right.compile(step, signature)
      return { ...program, run: run(program) }
    },
  }
}

test.each([...runtimes.filter(({ name }) => name !== 'traced'), ...(nativeIsStaged ? [native] : [])])(
  '$name passes, as close as float32 allows',
  async ({ open }) => {
    const [candidate, reference] = [await open({ threads: 1 }), await openTraced({ threads: 1 })]
    const report = await selfTest(candidate, reference)
    expect(report).toMatchObject({ passed: true, failure: null })
    // All the same would mean that nothing was compared.
    expect(report.difference).toBeGreaterThan(0)
    expect(report.difference).toBeLessThan(2e-5)
    await Promise.all([candidate.close(), reference.close()])
  },
)

test('an engine that is wrong, that gives no numbers or that throws is told apart', async () => {
  const right = await openTraced({ threads: 1 })
  const wrong = broken(right, (program) => async (inputs) => {
    const image = inputs.image!
    const doubled = Float32Array.from(image.data, (value) => 1.02 * value)
    return program.run({ ...inputs, image: { ...image, data: doubled } })
  })
  const report = await selfTest(wrong, right)
  expect(report).toMatchObject({ passed: false, failure: null })
  expect(report.difference).toBeGreaterThan(3e-3)

  const empty = broken(right, (program) => async (inputs) => {
    const outputs = await program.run(inputs)
    return Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [
        name,
        { ...value, data: new Float32Array(value.data.length).fill(NaN) },
      ]),
    )
  })
  expect(await selfTest(empty, right)).toMatchObject({ passed: false, difference: null, failure: 'NaN' })

  const dead = broken(right, () => () => Promise.reject(new Error('device lost')))
  expect(await selfTest(dead, right)).toMatchObject({
    passed: false,
    difference: null,
    failure: 'device lost',
  })
  await right.close()
})
