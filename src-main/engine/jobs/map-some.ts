/** `Promise.all` over a map with a limit of calls under way. */
export async function mapSome<In, Out>(
  items: In[],
  limit: number,
  map: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await map(items[index]!)
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
