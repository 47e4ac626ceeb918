import type { Regl } from 'regl'

/*
 * As much of regl (github.com/regl-project/regl, WebGL 1) as regl-scatterplot draws with. regl itself writes a function for each
 * command and compiles it with `Function`, which the page's policy forbids; here commands are followed step by step instead. A
 * map takes some ten commands a frame, whatever the number of its points: that is nothing beside what the points take.
 */

interface Surroundings {
  viewportWidth: number
  viewportHeight: number
  drawingBufferWidth: number
  drawingBufferHeight: number
  pixelRatio: number
}
type Dynamic<T> = T | ((surroundings: Surroundings, props: unknown) => T)
type Numbers = ArrayLike<number>

/** Callable, as regl's are: it then takes other data. */
interface Buffer {
  (options: { data?: Numbers; length?: number; usage?: string }): void
  readonly handle: WebGLBuffer
  subdata(data: Numbers, offset?: number): void
  destroy(): void
}
interface Elements {
  (options: { data: Numbers }): void
  readonly handle: WebGLBuffer
  readonly count: number
  readonly type: number
  destroy(): void
}
interface Texture {
  readonly handle: WebGLTexture
  destroy(): void
}

interface Attribute {
  buffer: Dynamic<Buffer>
  size?: number
  offset?: number
  stride?: number
}
interface Command {
  vert: string
  frag: string
  attributes: Record<string, Attribute | Dynamic<Numbers>>
  uniforms: Record<string, Dynamic<number | Numbers | Texture>>
  /** Blending is always by one formula here: source alpha over what is there. */
  blend?: { enable: boolean }
  count?: Dynamic<number>
  elements?: Dynamic<Elements | Numbers>
  primitive?: 'points' | 'triangles'
}

const extensions = [
  'OES_texture_float',
  'OES_element_index_uint',
  'WEBGL_color_buffer_float',
  'EXT_float_blend',
]

/**
 * Draws on a context. Where regl-scatterplot imports regl, the build gives it this (`vite.config.ts`). Its type is regl's own, of
 * which it has what regl-scatterplot uses.
 */
export default function createPlainRegl({ gl }: { gl: WebGLRenderingContext }): Regl {
  const enabled = new Set(extensions.filter((name) => gl.getExtension(name) !== null))

  function createBuffer(first: Parameters<Buffer>[0] = {}): Buffer {
    const handle = gl.createBuffer()
    const fill = ({ data, length }: Parameters<Buffer>[0]): void => {
      gl.bindBuffer(gl.ARRAY_BUFFER, handle)
      gl.bufferData(
        gl.ARRAY_BUFFER,
        data === undefined ? floats(length ?? 0) : floatsOf(data),
        gl.DYNAMIC_DRAW,
      )
    }
    fill(first)
    return Object.assign(fill, {
      handle,
      subdata(data: Numbers, offset = 0) {
        gl.bindBuffer(gl.ARRAY_BUFFER, handle)
        gl.bufferSubData(gl.ARRAY_BUFFER, offset, floatsOf(data))
      },
      destroy: () => gl.deleteBuffer(handle),
    })
  }

  function createElements(): Elements {
    const handle = gl.createBuffer()
    let count = 0
    let type: number = gl.UNSIGNED_SHORT
    const fill = ({ data }: { data: Numbers }): void => {
      count = data.length
      const isLarge = count > 2 ** 16
      type = isLarge ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, handle)
      const packed = isLarge ? Uint32Array.from(data) : Uint16Array.from(data)
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, packed, gl.DYNAMIC_DRAW)
    }
    return Object.defineProperties(Object.assign(fill, { handle, destroy: () => gl.deleteBuffer(handle) }), {
      count: { get: () => count },
      type: { get: () => type },
    }) as Elements
  }

  function createTexture(options: {
    data: Float32Array | Uint8Array
    shape: [number, number, number]
    type?: 'float'
  }): Texture {
    const handle = gl.createTexture()
    const [width, height] = options.shape
    const isFloat = options.type === 'float'
    const data = isFloat ? floatsOf(options.data) : Uint8Array.from(options.data)
    gl.bindTexture(gl.TEXTURE_2D, handle)
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST)
    for (const axis of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D, axis, gl.CLAMP_TO_EDGE)
    const type = isFloat ? gl.FLOAT : gl.UNSIGNED_BYTE
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, type, data)
    return { handle, destroy: () => gl.deleteTexture(handle) }
  }

  function createCommand(command: Command): (props?: unknown) => void {
    const program = programOf(gl, command.vert, command.frag)
    const attributes = activeOf(gl, program, 'attribute').map(({ name, type }) => ({
      ...{ name, place: gl.getAttribLocation(program, name), size: componentsOf(gl, type) },
      /** Holds what is given as plain numbers. */
      own: createBuffer(),
    }))
    const uniforms = activeOf(gl, program, 'uniform').map(({ name, type }) => ({
      ...{ name, type, place: gl.getUniformLocation(program, name) },
    }))
    const ownElements = createElements()

    function bindAttribute(
      { name, place, size, own }: (typeof attributes)[number],
      around: Surroundings,
    ): void {
      const given = command.attributes[name]!
      const isDescribed = typeof given === 'object' && 'buffer' in given
      const { offset = 0, stride = 0, size: wanted = size } = isDescribed ? given : {}
      if (!isDescribed) own({ data: valueOf(given, around, {}) })
      const buffer = isDescribed ? valueOf(given.buffer, around, {}) : own
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer.handle)
      gl.enableVertexAttribArray(place)
      gl.vertexAttribPointer(place, wanted, gl.FLOAT, false, stride, offset)
    }

    return (props = {}) => {
      const around = surroundingsOf(gl)
      gl.viewport(0, 0, around.viewportWidth, around.viewportHeight)
      gl.useProgram(program)
      if (command.blend?.enable === true) {
        gl.enable(gl.BLEND)
        gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
      } else gl.disable(gl.BLEND)
      for (const attribute of attributes) bindAttribute(attribute, around)
      let unit = 0
      for (const { name, type, place } of uniforms) {
        const given = command.uniforms[name]
        // One that is declared and never set, as regl-scatterplot's `numPoints`.
        if (given === undefined) continue
        const value = valueOf(given, around, props)
        if (typeof value === 'object' && 'handle' in value) {
          gl.activeTexture(gl.TEXTURE0 + unit)
          gl.bindTexture(gl.TEXTURE_2D, value.handle)
          gl.uniform1i(place, unit++)
        } else setUniform(gl, type, place, value)
      }
      const mode = command.primitive === 'points' ? gl.POINTS : gl.TRIANGLES
      if (command.elements === undefined) gl.drawArrays(mode, 0, valueOf(command.count ?? 0, around, props))
      else {
        const given = valueOf(command.elements, around, props)
        const elements = 'handle' in given ? given : ownElements
        if (!('handle' in given)) ownElements({ data: given })
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, elements.handle)
        gl.drawElements(mode, elements.count, elements.type, 0)
      }
      // The next program may have fewer of them.
      for (const { place } of attributes) gl.disableVertexAttribArray(place)
    }
  }

  const plain = Object.assign(createCommand, {
    buffer: createBuffer,
    elements: createElements,
    texture: createTexture,
    hasExtension: (name: string) => enabled.has(name),
  })
  return plain as unknown as Regl
}

const floats = (bytes: number): Float32Array<ArrayBuffer> => new Float32Array(bytes / 4)
/** Numbers of points may come nested: [[x, y], …]. */
const floatsOf = (data: Numbers | readonly Numbers[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(Array.isArray(data) ? (data as number[][]).flat() : (data as Numbers))

const valueOf = <T>(given: Dynamic<T>, around: Surroundings, props: unknown): T =>
  // A buffer can be called as well.
  typeof given === 'function' && !('handle' in given)
    ? (given as (around: Surroundings, props: unknown) => T)(around, props)
    : (given as T)

function surroundingsOf(gl: WebGLRenderingContext): Surroundings {
  const { drawingBufferWidth, drawingBufferHeight } = gl
  return {
    ...{ drawingBufferWidth, drawingBufferHeight },
    ...{ viewportWidth: drawingBufferWidth, viewportHeight: drawingBufferHeight },
    pixelRatio: window.devicePixelRatio,
  }
}

function programOf(gl: WebGLRenderingContext, vert: string, frag: string): WebGLProgram {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vert],
    [gl.FRAGMENT_SHADER, frag],
  ] as const) {
    const shader = gl.createShader(type)!
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS))
    throw new Error(gl.getProgramInfoLog(program) ?? 'a program of the map was not linked')
  return program
}

function activeOf(
  gl: WebGLRenderingContext,
  program: WebGLProgram,
  kind: 'attribute' | 'uniform',
): WebGLActiveInfo[] {
  const isUniform = kind === 'uniform'
  const count = gl.getProgramParameter(
    program,
    isUniform ? gl.ACTIVE_UNIFORMS : gl.ACTIVE_ATTRIBUTES,
  ) as number
  return Array.from({ length: count }, (_, at) =>
    isUniform ? gl.getActiveUniform(program, at)! : gl.getActiveAttrib(program, at)!,
  )
}

const componentsOf = (gl: WebGLRenderingContext, type: number): number =>
  ({ [gl.FLOAT_VEC2]: 2, [gl.FLOAT_VEC3]: 3, [gl.FLOAT_VEC4]: 4 })[type] ?? 1

function setUniform(
  gl: WebGLRenderingContext,
  type: number,
  place: WebGLUniformLocation | null,
  value: number | Numbers,
): void {
  if (typeof value === 'number') {
    if (type === gl.INT) gl.uniform1i(place, value)
    else gl.uniform1f(place, value)
    return
  }
  const data = floatsOf(value)
  if (type === gl.FLOAT_MAT4) gl.uniformMatrix4fv(place, false, data)
  else if (type === gl.FLOAT_VEC2) gl.uniform2fv(place, data)
  else if (type === gl.FLOAT_VEC3) gl.uniform3fv(place, data)
  else gl.uniform4fv(place, data.length === 3 ? [...data, 1] : data)
}
