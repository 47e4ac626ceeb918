import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  placeWindow,
  readPlacement,
  smallestWindow,
  writePlacement,
} from '../../src-main/electron/placement.ts'

const main = { x: 0, y: 24, width: 1920, height: 1056 }
const right = { x: 1920, y: 0, width: 2560, height: 1440 }
const last = { x: 2000, y: 100, width: 1200, height: 900, isMaximized: true }

describe('placeWindow', () => {
  it('opens in the middle of the main display the first time', () => {
    expect(placeWindow(null, [main, right])).toEqual({
      ...{ x: 280, y: 112, width: 1360, height: 880, isMaximized: false },
    })
  })

  it('opens where it was', () => {
    expect(placeWindow(last, [main, right])).toEqual(last)
  })

  it('comes back when its display is gone', () => {
    const { x, y, width, height } = placeWindow(last, [main])
    expect([x, y, width, height]).toEqual([360, 102, 1200, 900])
  })

  it('comes back when its title bar is out of reach', () => {
    expect(placeWindow({ ...last, y: -200 }, [main, right]).y).toBeGreaterThanOrEqual(main.y)
    expect(placeWindow({ ...last, x: 4400 }, [main, right]).x).toBeLessThan(main.width)
  })

  it('fits a display that is smaller, and is never smaller than what the page needs', () => {
    const laptop = { x: 0, y: 0, width: 1024, height: 680 }
    expect(placeWindow(null, [laptop])).toMatchObject({ x: 0, y: 0, width: 1024, height: 680 })
    expect(placeWindow({ ...last, x: 0, width: 10, height: 10 }, [main])).toMatchObject(smallestWindow)
  })
})

describe('the placement’s file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'darkroom-')), 'window.json')

  it('is read as it was written', () => {
    expect(readPlacement(file)).toBeNull()
    writePlacement(file, last)
    expect(readPlacement(file)).toEqual(last)
  })

  it('counts for nothing when it is damaged', () => {
    for (const text of ['', '{"x":', '{"x":"left"}']) {
      writeFileSync(file, text)
      expect(readPlacement(file)).toBeNull()
    }
  })
})
