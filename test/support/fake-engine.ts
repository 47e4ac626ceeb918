import { engineArguments, type Engine } from '../../src-main/contract/engine.ts'

/** An engine of which only some methods are there; the others reject. */
export function fakeEngine(methods: Partial<Record<keyof Engine, unknown>>): Engine {
  const absent = Object.keys(engineArguments).map((name) => [
    name,
    () => Promise.reject(new Error(`${name} is not part of this test`)),
  ])
  return { ...Object.fromEntries(absent), subscribe: () => () => undefined, ...methods } as Engine
}

/** What a transport may lose. As in JSON, fields that are undefined may be left out. */
export const facts = {
  nothing: null,
  numbers: [NaN, Infinity, -Infinity, 0.1, -1e-300, 2 ** 53 - 1, 2 ** 40, -5],
  texts: ['', 'a b', '사진 🙂', 'zero \u0000'],
  flags: [true, false],
  nested: { empty: {}, list: [[], [null]] },
  // Larger than the chunks that pipes and sockets are read in.
  bytes: Uint8Array.from({ length: 300_000 }, (_, i) => i % 251),
  noBytes: new Uint8Array(),
  // From the middle of a buffer, and not aligned there.
  codes: new Float32Array([0, 1.5, -2, NaN, Infinity]).subarray(1),
  places: Int32Array.of(-1, 2 ** 31 - 1),
}
