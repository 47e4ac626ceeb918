import type { PaletteName } from './colours.ts'

/** Whether the window is light or dark now: canvases are painted with colours that no style sheet follows. */
export function createLook(): { readonly theme: PaletteName } {
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  const now = (): PaletteName => {
    const { theme } = document.documentElement.dataset
    return theme === 'light' || theme === 'dark' ? theme : query.matches ? 'dark' : 'light'
  }
  let theme = $state(now())
  const update = (): void => void (theme = now())

  $effect(() => {
    const observer = new MutationObserver(update)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    query.addEventListener('change', update)
    return () => {
      observer.disconnect()
      query.removeEventListener('change', update)
    }
  })
  return {
    get theme() {
      return theme
    },
  }
}
