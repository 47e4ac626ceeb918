import type { ShellInfo } from '../../src-main/contract/shell.ts'
import type { Link } from './connection.svelte.ts'

export interface Program {
  /** What the program around the page can do; null until it has said so. */
  readonly info: ShellInfo | null
  readonly isDesktop: boolean
}

export function createProgram(link: Link): Program {
  let info = $state.raw<ShellInfo | null>(null)
  link.onReady(() => {
    void link.shell.info().then((answer) => {
      info = answer
    })
  })
  return {
    get info() {
      return info
    },
    // The page knows it before the program says so.
    isDesktop: window.darkroom !== undefined,
  }
}
