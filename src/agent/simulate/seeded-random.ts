/**
 * Pseudo-random numbers in [0, 1) from a seed, with 32 bits of state (mulberry32). For simulations
 * only: the numbers are predictable.
 */
export function createSeededRandom(seed: number): () => number {
  let state = mix(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    return mix(state) / 2 ** 32
  }
}

/** Adjacent seeds must not give correlated numbers. */
function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return (bits ^ (bits >>> 14)) >>> 0
}
