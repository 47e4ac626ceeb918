import type { EngineName } from '../../src-main/contract/engines.ts'
import type { Backend, BackendOptions } from '../../src-main/engine/backend/backend.ts'
import { openNative, probeNative } from '../../src-main/engine/backend/native.ts'
import { openTraced } from '../../src-main/engine/backend/traced.ts'
import { openWasm } from '../../src-main/engine/backend/wasm.ts'

interface TestEngine {
  name: EngineName
  open: (options?: BackendOptions) => Promise<Backend>
}

/** Both builds of onnxruntime: always there. */
export const runtimes: TestEngine[] = [
  { name: 'traced', open: openTraced },
  { name: 'wasm', open: openWasm },
]

function isThere(): boolean {
  try {
    probeNative()
    return true
  } catch {
    return false
  }
}
export const nativeIsStaged = isThere()
if (!nativeIsStaged) console.warn('SKIPPED: the native engine is not staged; `npm run native` does it.')

export const native: TestEngine = { name: 'native', open: (options) => openNative(options) }
