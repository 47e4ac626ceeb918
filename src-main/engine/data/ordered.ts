/**
 * Maps in order, with up to `ahead` calls under way; the next ones begin as results are taken. `map` should not reject: nobody would be
 * there to see it before its turn.
 */
export async function* mapAhead<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  ahead: number,
  map: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const pending: Promise<Out>[] = []
  try {
    for await (const item of items) {
      pending.push(map(item))
      if (pending.length >= ahead) yield await pending.shift()!
    }
    while (pending.length > 0) yield await pending.shift()!
  } finally {
    // Whoever stops half-way may remove the files that are being read.
    await Promise.allSettled(pending)
  }
}
