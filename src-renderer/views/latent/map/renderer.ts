import type { createRenderer } from 'regl-scatterplot'
import { createPlainRegl } from './plain-regl.ts'

type Renderer = ReturnType<typeof createRenderer>

/** What draws a scatter plot with WebGL, without the code that regl would compile; null where there is no WebGL. */
export function createPlainRenderer(onLost: () => void): Renderer | null {
  const canvas = document.createElement('canvas')
  const gl = canvas.getContext('webgl', { antialias: true, depth: false })
  // Points are read from textures of floats.
  if (gl?.getExtension('OES_texture_float') == null) return null
  const regl = createPlainRegl(gl)
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
      const context = target.getContext('2d')!
      context.clearRect(0, 0, target.width, target.height)
      context.drawImage(canvas, 0, 0)
    },
    // As large as what is drawn on, at each frame.
    resize: () => undefined,
    refresh: () => undefined,
    onFrame(draw: () => void) {
      draws.add(draw)
      return () => draws.delete(draw)
    },
    destroy() {
      isDestroyed = true
      canvas.removeEventListener('webglcontextlost', onLost)
      gl.getExtension('WEBGL_lose_context')?.loseContext()
    },
  }
}
