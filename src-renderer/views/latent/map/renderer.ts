import type { createRenderer } from 'regl-scatterplot'
import createPlainRegl from './plain-regl.ts'

type Renderer = ReturnType<typeof createRenderer>

/**
 * What draws a scatter plot with WebGL; null where there is none. regl-scatterplot's own draws on a hidden canvas as large as the
 * window and copies from there, for many plots with one context; this one draws where it is seen.
 * @param canvas lies under the plot's own, which then only takes the pointer
 */
export function createPlainRenderer(canvas: HTMLCanvasElement, onLost: () => void): Renderer | null {
  // Points are smooth by their own shader.
  const gl = canvas.getContext('webgl', { antialias: false, depth: false })
  // Points are read from textures of floats.
  if (gl?.getExtension('OES_texture_float') == null) return null
  const regl = createPlainRegl({ gl })
  const draws = new Set<() => void>()
  let isDestroyed = false
  canvas.addEventListener('webglcontextlost', onLost)

  function frame(): void {
    if (isDestroyed) return
    for (const draw of draws) draw()
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)

  return {
    canvas,
    regl,
    gamma: 1,
    isSupported: true,
    get isDestroyed() {
      return isDestroyed
    },
    render(draw: () => void, target: HTMLCanvasElement) {
      if (canvas.width !== target.width || canvas.height !== target.height)
        [canvas.width, canvas.height] = [target.width, target.height]
      gl.clearColor(0, 0, 0, 0)
      gl.clear(gl.COLOR_BUFFER_BIT)
      draw()
    },
    // As large as the plot, at each frame.
    resize: () => undefined,
    refresh: () => undefined,
    onFrame(draw: () => void) {
      draws.add(draw)
      return () => draws.delete(draw)
    },
    destroy() {
      isDestroyed = true
      canvas.removeEventListener('webglcontextlost', onLost)
      // A browser has few contexts, and does not know that this one is done with.
      gl.getExtension('WEBGL_lose_context')?.loseContext()
    },
  }
}
