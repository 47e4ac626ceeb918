/** A seeded source of random numbers whose state is plain data, so that a checkpoint can hold it. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Uniform integer in [0, n). */
  integer(n: number): number
  /** A source of its own, decided by this one's seed and the key alone, not by what was drawn before. */
  fork(key: number): Random
  state(): RandomState
}

/** Seed, the four 32-bit words of xoshiro128**, and the second normal of the last pair, if unused. */
export interface RandomState {
  seed: number
  words: [number, number, number, number]
  spare: number | null
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

/** splitmix32: spreads a seed over the generator's state. */
function seedWords(seed: number): [number, number, number, number] {
  let s = seed | 0
  const next = (): number => {
    s = (s + 0x9e3779b9) | 0
    let z = s ^ (s >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return z ^ (z >>> 15)
  }
  return [next(), next(), next(), next()]
}

/** xoshiro128** (Blackman & Vigna 2021), seeded or from a saved state. */
export function createRandom(from: number | RandomState): Random {
  const seed = typeof from === 'number' ? from | 0 : from.seed
  let [a, b, c, d] = typeof from === 'number' ? seedWords(seed) : from.words
  let spare = typeof from === 'number' ? null : from.spare
  const bits = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9)
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotl(d, 11)
    return result >>> 0
  }
  const uniform = (): number => bits() / 4294967296
  return {
    uniform,
    normal() {
      if (spare !== null) {
        const value = spare
        spare = null
        return value
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
      const angle = 2 * Math.PI * uniform()
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
    integer: (n) => Math.floor(uniform() * n),
    fork: (key) => createRandom(Math.imul(seed ^ 0x5bd1e995, 0x2545f491) ^ Math.imul(key + 1, 0x9e3779b1)),
    state: () => ({ seed, words: [a, b, c, d], spare }),
  }
}
