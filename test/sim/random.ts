/**
 * Random numbers that depend only on a seed and their purpose: `chance(0.1, 'lost', id, 3)` is the
 * same whatever else was drawn before. So a shrunk scenario keeps the random decisions of its
 * remaining parts.
 */
export interface Random {
  /** At least 0, below 1. */
  number(...purpose: readonly (string | number)[]): number
  /** A whole number, at least 0, below `count`. */
  below(count: number, ...purpose: readonly (string | number)[]): number
  chance(probability: number, ...purpose: readonly (string | number)[]): boolean
}

export function createRandom(seed: number): Random {
  const number = (...purpose: readonly (string | number)[]) => mix(hash(purpose.join('\n'), seed)) / 2 ** 32
  return {
    number,
    below: (count, ...purpose) => Math.floor(number(...purpose) * count),
    chance: (probability, ...purpose) => number(...purpose) < probability,
  }
}

/** FNV-1a over the letters, starting from the seed. */
function hash(text: string, seed: number): number {
  let value = mix((seed ^ 0x811c9dc5) >>> 0)
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return value
}

/** The finaliser of murmur3: every input bit affects every output bit. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
