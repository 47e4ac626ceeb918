import type {
  ClusterMethod,
  Clusters,
  LatentDirections,
  LatentMap,
  LatentSpec,
  MapSpec,
} from '../../../src-main/contract/latent.ts'
import type { Link } from '../../state/connection.svelte.ts'
import { runJob } from '../../state/run-job.ts'
import { createWork, type Work } from '../../state/work.svelte.ts'

/** A map, and what is asked of its codes. */
export interface Mapping {
  /** The last one that was made; it stays while another is made. */
  readonly map: LatentMap | null
  readonly mapWork: Work
  /** Makes a map; one that is being made is given up. */
  make(spec: MapSpec): void
  /** Makes the map of the spec unless one is there, or being made, or could not be. */
  ensure(spec: MapSpec): void

  /** The same items by their pixels, to compare with; null where that was not asked for. */
  readonly beside: LatentMap | null
  readonly besideWork: Work
  showBeside(isShown: boolean): void
  readonly isBesideShown: boolean

  /** Of the map's codes; null until they are known. */
  readonly directions: LatentDirections | null

  readonly clusters: Clusters | null
  readonly clusterWork: Work
  cluster(method: ClusterMethod): Promise<boolean>
}

/** What says which items a map has, and in which order. */
export const itemsOf = ({ run, data, split, limit, seed }: LatentSpec): string =>
  JSON.stringify([run, data, split, limit, seed])

/** @param onOtherItems told when a map has other items than the one before */
export function createMapping(
  link: Pick<Link, 'engine' | 'onReady'>,
  onOtherItems: () => void = () => undefined,
): Mapping {
  const { engine } = link
  let map = $state.raw<LatentMap | null>(null)
  let beside = $state.raw<LatentMap | null>(null)
  let isBesideShown = $state(false)
  let directions = $state.raw<LatentDirections | null>(null)
  let clusters = $state.raw<Clusters | null>(null)
  const mapWork = createWork()
  const besideWork = createWork()
  const clusterWork = createWork()

  const mapOf = (spec: MapSpec, watch: Parameters<typeof runJob>[2]): Promise<LatentMap> =>
    runJob(link, { type: 'map', spec, out: null, png: null }, watch).then((result) =>
      engine.latentMap(result.map),
    )

  function takeMap(next: LatentMap): void {
    const isOther = map === null || itemsOf(map.spec) !== itemsOf(next.spec)
    map = next
    if (isOther) {
      clusters = null
      beside = null
      clusterWork.cancel()
      besideWork.cancel()
      onOtherItems()
    }
    directions = null
    engine.latentDirections(next.id).then(
      (found) => {
        if (map === next) directions = found
      },
      // Whatever needs them says so when it is asked for.
      () => undefined,
    )
    if (isBesideShown && beside === null) makeBeside()
  }
  function makeBeside(): void {
    if (map === null) return
    const spec: MapSpec = { ...map.spec, method: { type: 'pixels' }, attributes: null }
    void besideWork.run((watch) => mapOf(spec, watch)).then((made) => (beside = made ?? beside))
  }
  function make(spec: MapSpec): void {
    void mapWork.run((watch) => mapOf(spec, watch)).then((made) => made && takeMap(made))
  }

  // A new engine knows no maps: they are made again, the same.
  link.onReady(() => {
    const shown = map
    if (shown === null) return
    engine.latentMap(shown.id).catch(() => {
      if (map === shown) make(shown.spec)
    })
  })

  return {
    get map() {
      return map
    },
    mapWork,
    make,
    ensure(spec) {
      if (map === null && !mapWork.isRunning && mapWork.error === null) make(spec)
    },
    get beside() {
      return beside
    },
    besideWork,
    get isBesideShown() {
      return isBesideShown
    },
    showBeside(isShown) {
      isBesideShown = isShown
      if (!isShown) besideWork.cancel()
      else if (beside === null) makeBeside()
    },
    get directions() {
      return directions
    },
    get clusters() {
      return clusters
    },
    clusterWork,
    async cluster(method) {
      if (map === null) return false
      const { run, data, split, limit, seed } = map.spec
      const job = { type: 'cluster', spec: { run, data, split, limit, seed }, method } as const
      const made = await clusterWork.run((watch) => runJob(link, job, watch))
      if (made !== null) clusters = made.clusters
      return made !== null
    },
  }
}
