/** Keeps what was used last, up to a number of bytes. */
export interface Cache<Value> {
  /** Counts as a use. */
  get(key: string): Value | undefined
  has(key: string): boolean
  set(key: string, value: Value): void
  /** Forgets every entry whose key is chosen. */
  drop(isDropped: (key: string) => boolean): void
  bytes(): number
}

/** @param sizeOf Bytes of a value; one that is larger than `maxBytes` by itself is not kept. */
export function createCache<Value>(maxBytes: number, sizeOf: (value: Value) => number): Cache<Value> {
  // A Map keeps the order of insertion: its first key is the one that was not used for longest.
  const entries = new Map<string, Value>()
  let bytes = 0

  const remove = (key: string): void => {
    const value = entries.get(key)
    if (value === undefined) return
    entries.delete(key)
    bytes -= sizeOf(value)
  }

  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    has: (key) => entries.has(key),
    set(key, value) {
      remove(key)
      entries.set(key, value)
      bytes += sizeOf(value)
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break
        remove(oldest)
      }
    },
    drop(isDropped) {
      for (const key of [...entries.keys()]) if (isDropped(key)) remove(key)
    },
    bytes: () => bytes,
  }
}
