import type { Engine } from '../contract/engine.ts'

/** Files and folders that something still refers to: pictures of the queue, and data that runs may be trained on further. */
export async function pathsInUse(engine: Pick<Engine, 'queue' | 'runs' | 'run'>): Promise<string[]> {
  const { items } = await engine.queue()
  const paths = items.map(({ source }) => source)
  for (const { path, state } of await engine.runs(null)) {
    if (state === 'unreadable') continue
    // One after another: each brings its whole history along.
    const { data } = (await engine.run(path)).info
    paths.push(...data.sources, ...(data.labels === null ? [] : [data.labels]))
  }
  return paths
}
