export interface CacheOptions<T> {
  /** Values are dropped, the longest unused first, while all together weigh more than this; the last used one stays. */
  limit: number
  weigh: (value: T) => number
  /** Whether a value that is asked for again still holds; default: always. */
  isCurrent?: (value: T) => Promise<boolean>
  /** Called with each value that is dropped. */
  drop?: (value: T) => Promise<void>
}

export interface Cache<T> {
  /** The value of a key, made once however many ask for it meanwhile. A failure is not kept. */
  get(key: string, make: () => Promise<T>): Promise<T>
  /** Called when a value has grown. */
  trim(): Promise<void>
  clear(): Promise<void>
}

interface Entry<T> {
  value: Promise<T>
  /** Null while it is being made: such an entry is never dropped. */
  made: T | null
}

/** A cache that is bounded by weight, least recently used first. */
export function createCache<T extends object>({ limit, weigh, isCurrent, drop }: CacheOptions<T>): Cache<T> {
  // A Map keeps the order of insertion: an entry that is used goes to the end.
  const entries = new Map<string, Entry<T>>()

  const remove = async (key: string, entry: Entry<T>): Promise<void> => {
    if (entries.get(key) !== entry) return
    entries.delete(key)
    if (entry.made !== null) await drop?.(entry.made)
  }

  async function trim(): Promise<void> {
    const made = [...entries].filter(([, entry]) => entry.made !== null)
    let weight = made.reduce((sum, [, entry]) => sum + weigh(entry.made!), 0)
    for (const [key, entry] of made.slice(0, -1)) {
      if (weight <= limit) return
      weight -= weigh(entry.made!)
      await remove(key, entry)
    }
  }

  function insert(key: string, make: () => Promise<T>): Entry<T> {
    const entry: Entry<T> = { value: make(), made: null }
    entries.set(key, entry)
    entry.value = entry.value.then(
      async (made) => {
        entry.made = made
        await trim()
        return made
      },
      (error: unknown) => {
        if (entries.get(key) === entry) entries.delete(key)
        throw error
      },
    )
    return entry
  }

  return {
    trim,
    async get(key, make) {
      const known = entries.get(key)
      if (known?.made && isCurrent && !(await isCurrent(known.made))) await remove(key, known)
      const entry = entries.get(key)
      if (entry === undefined) return insert(key, make).value
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    async clear() {
      await Promise.all(
        [...entries].map(([key, entry]) => entry.value.catch(() => null).then(() => remove(key, entry))),
      )
    },
  }
}
