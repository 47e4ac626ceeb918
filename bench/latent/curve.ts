/** Seconds of the processor that a map of so many points takes. */
export interface Cost {
  count: number
  pca: number
  neighbours: number
  umap: number
  umapLearn: number
}

const lines = [
  { of: 'umap', name: 'UMAP', colour: '#bd1f01' },
  { of: 'umapLearn', name: 'umap-learn', colour: '#717581' },
  { of: 'neighbours', name: '15 nearest, exact', colour: '#3f90da' },
  { of: 'pca', name: 'PCA', colour: '#832db6' },
] as const
const size = { width: 640, height: 400, left: 70, right: 150, top: 20, bottom: 50 }

/** Seconds of the processor over points, both logarithmic, as an SVG picture. */
export function costCurve(costs: Cost[]): string {
  const counts = costs.map(({ count }) => Math.log10(count))
  const all = costs.flatMap((cost) => lines.map(({ of }) => Math.log10(cost[of])))
  const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))]
  const [first, last] = [Math.min(...counts), Math.max(...counts)]
  const x = (log: number): number =>
    size.left + ((log - first) / (last - first || 1)) * (size.width - size.left - size.right)
  const y = (log: number): number =>
    size.height - size.bottom - ((log - low) / (high - low)) * (size.height - size.top - size.bottom)
  const seconds = Array.from({ length: high - low + 1 }, (_, i) => low + i)
  const grid = [
    ...seconds.map((log) => {
      const at = y(log).toFixed(1)
      return `<path d="M${size.left} ${at}H${size.width - size.right}" stroke="#ddd"/><text x="${size.left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${10 ** log} s</text>`
    }),
    ...counts.map(
      (log) =>
        `<text x="${x(log).toFixed(1)}" y="${size.height - size.bottom + 24}" text-anchor="middle">${(10 ** log).toLocaleString('en')}</text>`,
    ),
  ]
  // From the top down, each name at its curve or below the name above it.
  const end = (of: (typeof lines)[number]['of']): number => y(Math.log10(costs.at(-1)![of]))
  let free = 0
  const curves = [...lines]
    .sort((a, b) => end(a.of) - end(b.of))
    .map(({ of, name, colour }) => {
      const places = costs.map(
        (cost) => `${x(Math.log10(cost.count)).toFixed(1)} ${y(Math.log10(cost[of])).toFixed(1)}`,
      )
      const label = Math.max(end(of), free)
      free = label + 17
      return `<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="2.5"/><text x="${size.width - size.right + 10}" y="${label.toFixed(1)}" fill="${colour}" dominant-baseline="middle">${name}</text>`
    })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="14">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...grid,
    ...curves,
    '</svg>\n',
  ].join('\n')
}
