import { describe, expect, it } from 'vitest'
import { ModelInterface } from '../../../src-main/contract/models.ts'
import {
  askedFields,
  interfaceFields,
  toInterface,
} from '../../../src-renderer/views/models/interface-fields.ts'

describe('what a trial asks for', () => {
  it('is named by the error', () => {
    expect(askedFields({ code: 'model-ambiguous', expected: 'white, output' })).toEqual(['white', 'output'])
    expect(askedFields({ code: 'model-incompatible', expected: 'white' })).toEqual([])
    expect(askedFields({ code: 'model-ambiguous', expected: 'something new' })).toEqual([])
  })

  it('can be answered with every value that the contract has', () => {
    for (const [name, { options }] of Object.entries(interfaceFields))
      for (const value of Object.keys(options))
        expect(ModelInterface.partial().safeParse(toInterface({ [name]: value })).success).toBe(true)
  })

  it('goes to the engine with numbers as numbers', () => {
    expect(toInterface({ white: '255', channels: '1', output: 'noise' })).toEqual({
      white: 255,
      channels: 1,
      output: 'noise',
    })
  })
})
