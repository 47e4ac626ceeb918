import { DarkroomError } from '../../contract/errors.ts'
import type { MessageKey } from '../../contract/messages/messages.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program, Session, Step, StepSignature } from './backend.ts'
import { copyTensor, mapTensors } from './runtime-tensors.ts'

/** What became of a graphics card: messages for the person. */
type Trouble = Extract<MessageKey, 'warning.gpu-lost' | 'warning.gpu-memory' | 'warning.gpu-failed'>

/**
 * How a card that is gone is worded: by Dawn (WebGPU), CUDA and its libraries (errors of a context that stays broken),
 * Direct3D, Metal.
 */
const lost = new RegExp(
  [
    /device (is |was )?(lost|removed|hung)|lost device|external instance reference no longer exists/,
    /cuda failure (46|100|101|201|700|702|709|710|714|715|716|717|718|719|999)\b|illegal memory access/,
    /unspecified launch failure|launch (timed out|timeout)|fallen off the bus|uncorrectable ecc/,
    /dxgi_error_device|887a000[567]|887a0020|device instance has been suspended/,
    /command buffer|gpu (hang|timeout)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)

/** Throws again what is no fault of the card: inputs that do not fit, a step that cannot be recorded. */
function troubleOf(thrown: unknown): Trouble {
  const detail = thrown instanceof DarkroomError ? thrown.detail : null
  if (detail?.expected !== undefined) throw thrown
  const words = detail?.received ?? (thrown instanceof Error ? thrown.message : String(thrown))
  // First: a card that is lost may also say that it cannot allocate.
  if (lost.test(words)) return 'warning.gpu-lost'
  return detail?.code === 'memory-exhausted' ? 'warning.gpu-memory' : 'warning.gpu-failed'
}

/** Runs of a program between two copies of its state, and bytes of inputs that are kept to run again at most. */
const copyEvery = { runs: 32, bytes: 64 * 2 ** 20 }
/** Pixels of a tile that is small enough: with less memory than that the processor does it. */
const smallTile = 256 * 256

const bytesOf = (tensors: TensorMap): number =>
  Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)

const copyOf = (tensors: TensorMap): TensorMap => mapTensors(tensors, copyTensor)

/** Whether the largest input could come in smaller tiles. */
function canShrink(session: Session, inputs: TensorMap): boolean {
  return Object.entries(inputs).some(([name, { shape }]) => {
    const isFree = session.inputs[name]!.shape.slice(1).some((size) => typeof size === 'string')
    return isFree && shape.slice(1).reduce((product, size) => product * size, 1) > 3 * smallTile
  })
}

/**
 * A backend that goes on on another one where a graphics card fails. A card that is lost is not asked again; one whose
 * memory ran out, or that cannot do something, still does everything else. Nothing is lost: a session runs again what
 * failed, a program starts from a copy of its state and runs again what it had run since.
 *
 * Out of memory with inputs that can be cut into smaller tiles is thrown: the caller comes back with those.
 * @param openReserve opens the other one, when it is first needed; it is closed with the backend.
 * @param tell told what happened, once for each kind.
 */
export function withFallback(
  backend: Backend,
  openReserve: () => Promise<Backend>,
  tell: (warning: MessageKey) => void = () => undefined,
): Backend {
  let reserve: Promise<Backend> | null = null
  let isLost = false
  const told = new Set<Trouble>()

  /** The reserve, after the person was told why. */
  function instead(trouble: Trouble): Promise<Backend> {
    if (trouble === 'warning.gpu-lost') isLost = true
    if (!told.has(trouble)) tell(trouble)
    told.add(trouble)
    return (reserve ??= openReserve())
  }

  /** What the backend makes, or the reserve where it cannot; and what went wrong then. */
  async function make<T>(work: (one: Backend) => Promise<T>): Promise<{ made: T; trouble: Trouble | null }> {
    if (isLost) return { made: await work(await instead('warning.gpu-lost')), trouble: 'warning.gpu-lost' }
    try {
      return { made: await work(backend), trouble: null }
    } catch (thrown) {
      const trouble = troubleOf(thrown)
      return { made: await work(await instead(trouble)), trouble }
    }
  }

  async function open(model: Uint8Array): Promise<Session> {
    const { made, trouble } = await make((one) => one.open(model))
    let [session, onCard] = [made, trouble === null]
    const warnings: string[] = trouble === null ? [] : [trouble]
    return {
      inputs: made.inputs,
      outputs: made.outputs,
      metadata: made.metadata,
      warnings,
      async run(inputs) {
        if (!onCard) return session.run(inputs)
        try {
          return await session.run(inputs)
        } catch (thrown) {
          const found = troubleOf(thrown)
          if (found === 'warning.gpu-memory' && canShrink(session, inputs)) throw thrown
          const other = await (await instead(found)).open(model)
          await session.dispose().catch(() => undefined)
          session = other
          onCard = false
          warnings.push(found)
          return session.run(inputs)
        }
      },
      dispose: () => session.dispose(),
    }
  }

  async function compile(step: Step, signature: StepSignature): Promise<Program> {
    const { made, trouble } = await make((one) => one.compile(step, signature))
    if (trouble !== null) return made
    let program = made
    let onCard = true
    let saved = copyOf(signature.state)
    let since: TensorMap[] = []

    /** From the saved state, and through everything that was run since. */
    async function moveOver(thrown: unknown): Promise<void> {
      const other = await instead(troubleOf(thrown))
      const next = await other.compile(step, { ...signature, state: saved })
      for (const inputs of since) await next.run(inputs)
      await program.dispose().catch(() => undefined)
      program = next
      onCard = false
      saved = {}
      since = []
    }

    async function save(): Promise<void> {
      saved = await program.readState()
      since = []
    }

    async function remember(inputs: TensorMap): Promise<void> {
      since.push(copyOf(inputs))
      const bytes = since.reduce((sum, one) => sum + bytesOf(one), 0)
      if (since.length < copyEvery.runs && bytes < copyEvery.bytes) return
      await save().catch(moveOver)
    }

    return {
      async run(inputs) {
        if (!onCard) return program.run(inputs)
        let outputs: TensorMap
        try {
          outputs = await program.run(inputs)
        } catch (thrown) {
          await moveOver(thrown)
          return program.run(inputs)
        }
        await remember(inputs)
        return outputs
      },
      async readState() {
        if (onCard) await save().catch(moveOver)
        return onCard ? copyOf(saved) : program.readState()
      },
      async writeState(state) {
        await program.writeState(state)
        if (!onCard) return
        saved = copyOf(state)
        since = []
      },
      dispose: () => program.dispose(),
    }
  }

  return {
    name: backend.name,
    version: backend.version,
    threads: backend.threads,
    compile,
    open,
    async close() {
      await backend.close().catch(() => undefined)
      await (await reserve?.catch(() => null))?.close()
    },
  }
}
