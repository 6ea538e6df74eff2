/** Numbers from 0 up to 1 that a seed decides, in 32 bits of state (mulberry32). For simulations: never where a number must be hard to guess. */
export function createSeededRandom(seed: number): () => number {
  let state = mix(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    return mix(state) / 2 ** 32
  }
}

/** Neighbouring seeds must not give neighbouring numbers. */
function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return (bits ^ (bits >>> 14)) >>> 0
}
