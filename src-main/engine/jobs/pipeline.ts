/** What a pipeline does with each item. */
export interface PipelineSteps<Item, Read, Worked> {
  /** Runs ahead of the work, in order. */
  read(item: Item): Promise<Read>
  /** Runs one at a time, in order: the network. */
  work(item: Item, read: Read): Promise<Worked>
  /** Runs behind the work; several may run at once. */
  write(item: Item, worked: Worked): Promise<void>
  /** Told when any step of an item throws. The other items go on, unless this throws itself. */
  fail(item: Item, thrown: unknown): Promise<void>
}

export interface PipelineLimits<Item> {
  /** Most items waiting to be worked on, and most being written. */
  items: number
  /** Size of an item, and the most that may be waiting (or being written) in all; one item always may. */
  weight(item: Item): number
  weightLimit: number
}

/**
 * Takes items through read, work and write, so that reading the next and writing the last ones go on while one is worked
 * on. Ends when there is no further item and everything is written. When `fail` throws or the signal is aborted, no further
 * item is begun, writes under way are finished, and then it throws that error or, where an item was left out, the
 * signal's reason.
 * @param take hands over the next item; undefined while there is none. Asked again after each step, so that items may come
 * while others are under way.
 */
export async function runPipeline<Item, Read, Worked>(
  take: () => Item | undefined,
  steps: PipelineSteps<Item, Read, Worked>,
  limits: PipelineLimits<Item>,
  signal: AbortSignal,
): Promise<void> {
  const waiting: { item: Item; read: Promise<Read> }[] = []
  const writing = new Map<Item, Promise<void>>()
  const failures: unknown[] = []
  const dropped: Item[] = []
  /** Taken, and to be read as soon as there is room. */
  let next: Item | undefined

  const fits = (held: Iterable<Item>, item: Item): boolean => {
    const all = [...held]
    const weight = all.reduce((sum, other) => sum + limits.weight(other), limits.weight(item))
    return all.length === 0 || (all.length < limits.items && weight <= limits.weightLimit)
  }
  const readAhead = (): void => {
    while (!signal.aborted) {
      next ??= take()
      const held = waiting.map((one) => one.item)
      if (next === undefined || !fits(held, next)) return
      const read = steps.read(next)
      // Whoever awaits it later gets the error; until then it must not count as unhandled.
      read.catch(() => undefined)
      waiting.push({ item: next, read })
      next = undefined
    }
  }
  /** Runs one step; its error goes to `fail`, and an error of `fail` ends the pipeline. */
  const attempt = async (item: Item, step: () => Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (thrown) {
      if (signal.aborted) dropped.push(item)
      else await steps.fail(item, thrown).catch((error: unknown) => failures.push(error))
    }
  }

  for (;;) {
    readAhead()
    if (failures.length > 0 || signal.aborted) break
    const first = waiting.shift()
    if (first === undefined) {
      if (writing.size === 0) break
      await Promise.race(writing.values())
      continue
    }
    const { item, read } = first
    await attempt(item, async () => {
      const data = await read
      readAhead()
      const worked = await steps.work(item, data)
      while (!fits(writing.keys(), item)) await Promise.race(writing.values())
      const write = attempt(item, () => steps.write(item, worked)).finally(() => writing.delete(item))
      writing.set(item, write)
    })
  }
  await Promise.all([...writing.values(), ...waiting.map(({ read }) => read.catch(() => undefined))])
  if (failures.length > 0) throw failures[0]
  // Cancelled too late to make a difference is not cancelled.
  if (signal.aborted && (dropped.length > 0 || waiting.length > 0 || (next ?? take()) !== undefined))
    signal.throwIfAborted()
}
