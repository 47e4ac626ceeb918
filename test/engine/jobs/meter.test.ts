import { describe, expect, it } from 'vitest'
import { createMeter } from '../../../src-main/engine/jobs/meter.ts'

describe('createMeter', () => {
  it('tells rate and time left by megapixels, not by files', () => {
    let clock = 1000
    const meter = createMeter({ files: 3, megapixels: 30 }, () => clock)
    expect(meter.progress(0, 'a.jpg')).toEqual({ done: 0, total: 3, secondsLeft: null, current: 'a.jpg' })
    clock += 4000
    meter.finish(8)
    expect(meter.progress(2)).toEqual({ done: 1, total: 3, secondsLeft: 8, megapixelsPerSecond: 2.5 })
    expect(meter.seconds()).toBe(4)
  })

  it('tells none while too little is known', () => {
    let clock = 0
    const meter = createMeter({ files: 1, megapixels: 1 }, () => clock)
    clock = 500
    expect(meter.progress(0.5).secondsLeft).toBeNull()
    clock = 5000
    expect(meter.progress(0).secondsLeft).toBeNull()
  })
})
