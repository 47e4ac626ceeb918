import type { Attachment } from 'svelte/attachments'
import { layoutOf, type GridLayout } from './grid.ts'
import { scrollToShow, shownRows, type Window } from './rows.ts'

/** How a `PictureGrid` is laid out and scrolled, for whoever puts pictures in it. CSS pixels. */
export interface GridView {
  /** Of what is seen; 0 until it is measured. */
  readonly width: number
  readonly height: number
  readonly layout: GridLayout
  /** Height of a line. */
  readonly tall: number
  /** Cells, and lines of them, in all. */
  readonly count: number
  readonly lines: number
  /** The lines that are put on the page. */
  readonly shown: Window
  /** The cell that the keys or the pointer are at. */
  current: number | null
  /** Upper left corner of a cell. */
  cornerOf(cell: number): { left: number; top: number }
  /** The cell under the pointer. */
  cellAt(event: MouseEvent): number | null
  /** Goes to a cell and scrolls to it. */
  goTo(cell: number): void
  /** Other pictures begin at their top. */
  restart(): void
  scrolled(): void
  measured: Attachment<HTMLElement>
}

export interface GridOptions {
  /** Width of a cell that is wanted, in rem. */
  cell: () => number
  count: (columns: number) => number
  /** Height of a cell by its width. */
  shape?: () => number
}

export function createGridView({ cell, count, shape = () => 1 }: GridOptions): GridView {
  let element: HTMLElement | null = null
  let [width, height, top, rem] = $state([0, 0, 0, 16])
  let current = $state<number | null>(null)

  const layout = $derived(layoutOf(width, cell() * rem, globalThis.devicePixelRatio))
  const tall = $derived(layout.side * shape())
  const cells = $derived(count(layout.columns))
  const lines = $derived(Math.ceil(cells / layout.columns))
  const shown = $derived(width === 0 ? { from: 0, to: 0 } : shownRows(lines, tall, top, height))

  return {
    get width() {
      return width
    },
    get height() {
      return height
    },
    get layout() {
      return layout
    },
    get tall() {
      return tall
    },
    get count() {
      return cells
    },
    get lines() {
      return lines
    },
    get shown() {
      return shown
    },
    get current() {
      return current
    },
    set current(cell) {
      current = cell
    },
    cornerOf: (cell) => ({
      left: (cell % layout.columns) * layout.side,
      top: Math.floor(cell / layout.columns) * tall,
    }),
    cellAt(event) {
      if (element === null) return null
      const box = element.getBoundingClientRect()
      const column = Math.floor((event.clientX - box.left) / layout.side)
      const line = Math.floor((event.clientY - box.top + element.scrollTop) / tall)
      const cell = line * layout.columns + column
      return column >= 0 && column < layout.columns && cell < cells ? cell : null
    },
    goTo(cell) {
      current = cell
      if (element === null) return
      element.scrollTop = scrollToShow(Math.floor(cell / layout.columns), tall, element.scrollTop, height)
    },
    restart() {
      current = null
      if (element !== null) element.scrollTop = 0
    },
    scrolled() {
      top = element?.scrollTop ?? 0
    },
    measured: (mounted) => {
      element = mounted
      const observer = new ResizeObserver(() => {
        ;[width, height] = [mounted.clientWidth, mounted.clientHeight]
        rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
      })
      observer.observe(mounted)
      return () => observer.disconnect()
    },
  }
}
