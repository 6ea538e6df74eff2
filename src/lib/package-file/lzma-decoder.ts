import { PackageFileError } from './package-bytes.ts'

/**
 * LZMA as it is inside of xz (LZMA2 chunks), after the specification of the format. Node.js has no decoder for it, and the control files of
 * Debian packages, a few KB, are compressed so. What was put out is the dictionary, too: an output is bounded, and held whole.
 */

const noRepeat = 0
const lowBits = 3
const midBits = 3
const highBits = 8

const makeProbabilities = (count: number) => new Uint16Array(count).fill(1_024)

interface LengthModel {
  readonly choice: Uint16Array
  readonly low: Uint16Array
  readonly mid: Uint16Array
  readonly high: Uint16Array
}
const makeLengthModel = (): LengthModel => ({
  choice: makeProbabilities(2),
  low: makeProbabilities(16 << lowBits),
  mid: makeProbabilities(16 << midBits),
  high: makeProbabilities(1 << highBits),
})

/** An encoder resets once in 2 MiB or less often; whoever does it all the time wants to cost time. */
const maxResets = 256

/** Everything that a state reset sets back. */
function makeModel(literalBits: number) {
  return {
    state: 0,
    distances: [noRepeat, noRepeat, noRepeat, noRepeat] as [number, number, number, number],
    isMatch: makeProbabilities(12 << 4),
    isRepeat: makeProbabilities(12),
    isRepeat0: makeProbabilities(12),
    isRepeat1: makeProbabilities(12),
    isRepeat2: makeProbabilities(12),
    isRepeat0Long: makeProbabilities(12 << 4),
    literals: makeProbabilities(0x300 << literalBits),
    slots: [0, 1, 2, 3].map(() => makeProbabilities(1 << 6)),
    special: makeProbabilities(128),
    align: makeProbabilities(1 << 4),
    length: makeLengthModel(),
    repeatLength: makeLengthModel(),
  }
}
type Model = ReturnType<typeof makeModel>

/** Bits that are more or less expected (the range coder). */
function createBits(input: Uint8Array, start: number, end: number) {
  let place = start
  let range = 0xffffffff
  let code = 0
  const next = () => {
    if (place >= end) throw new PackageFileError('its compressed data ends too early')
    return input[place++] as number
  }
  if (next() !== 0) throw new PackageFileError('its compressed data is damaged')
  for (let index = 0; index < 4; index++) code = ((code << 8) | next()) >>> 0

  function normalize(): void {
    if (range >= 0x1000000) return
    range = (range << 8) >>> 0
    code = ((code << 8) | next()) >>> 0
  }

  function bit(model: Uint16Array, index: number): 0 | 1 {
    normalize()
    const probability = model[index] as number
    const bound = (range >>> 11) * probability
    if (code < bound) {
      range = bound
      model[index] = probability + ((2_048 - probability) >>> 5)
      return 0
    }
    range -= bound
    code -= bound
    model[index] = probability - (probability >>> 5)
    return 1
  }

  return {
    bit,
    /** A number of so many bits, the highest first, from a tree that begins at `base`. */
    tree(model: Uint16Array, base: number, bits: number): number {
      let node = 1
      for (let index = 0; index < bits; index++) node = (node << 1) | bit(model, base + node)
      return node - (1 << bits)
    },
    /** The lowest first. */
    reverseTree(model: Uint16Array, base: number, bits: number): number {
      let node = 1
      let value = 0
      for (let index = 0; index < bits; index++) {
        const one = bit(model, base + node)
        node = (node << 1) | one
        value |= one << index
      }
      return value
    },
    /** Bits that nothing is known of. */
    direct(bits: number): number {
      let value = 0
      for (let index = 0; index < bits; index++) {
        normalize()
        range >>>= 1
        const one = code >= range ? 1 : 0
        if (one) code -= range
        value = value * 2 + one
      }
      return value
    },
  }
}
type Bits = ReturnType<typeof createBits>

export interface LzmaProperties {
  readonly lc: number
  readonly lp: number
  readonly pb: number
}

/** A decoder with its memory from chunk to chunk; what it puts out goes to `output`, at most all of it. */
export function createLzmaDecoder(output: Uint8Array) {
  let properties: LzmaProperties = { lc: 3, lp: 0, pb: 2 }
  let model: Model | undefined
  let dictionaryStart = 0
  let place = 0
  let resets = 0

  function copyMatch(distance: number, lengthBytes: number, end: number): void {
    if (distance >= place - dictionaryStart) throw new PackageFileError('its compressed data is damaged')
    if (place + lengthBytes > end) throw new PackageFileError('its compressed data is damaged')
    for (let index = 0; index < lengthBytes; index++, place++) output[place] = output[place - distance - 1] as number
  }

  function literal(bits: Bits, { literals, state, distances }: Model): void {
    const { lc, lp } = properties
    const position = place - dictionaryStart
    const before = position === 0 ? 0 : (output[place - 1] as number)
    const base = 0x300 * (((position & ((1 << lp) - 1)) << lc) + (before >>> (8 - lc)))
    let symbol = 1
    if (state >= 7) {
      if (distances[0] >= position) throw new PackageFileError('its compressed data is damaged')
      let match = output[place - distances[0] - 1] as number
      while (symbol < 0x100) {
        const expected = (match >>> 7) & 1
        match <<= 1
        const one = bits.bit(literals, base + ((1 + expected) << 8) + symbol)
        symbol = (symbol << 1) | one
        if (one !== expected) break
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | bits.bit(literals, base + symbol)
    output[place++] = symbol & 0xff
  }

  function step(bits: Bits, of: Model, end: number): void {
    const positionState = (place - dictionaryStart) & ((1 << properties.pb) - 1)
    const at = (of.state << 4) + positionState
    if (bits.bit(of.isMatch, at) === 0) {
      literal(bits, of)
      of.state = of.state < 4 ? 0 : of.state < 10 ? of.state - 3 : of.state - 6
      return
    }
    const { distances } = of
    if (bits.bit(of.isRepeat, of.state) === 0) {
      const lengthBytes = readLength(bits, of.length, positionState)
      const distance = readDistance(bits, of, lengthBytes)
      of.distances = [distance, distances[0], distances[1], distances[2]]
      of.state = of.state < 7 ? 7 : 10
      return copyMatch(distance, lengthBytes, end)
    }
    if (bits.bit(of.isRepeat0, of.state) === 0) {
      if (bits.bit(of.isRepeat0Long, at) === 0) {
        of.state = of.state < 7 ? 9 : 11
        return copyMatch(distances[0], 1, end)
      }
    } else if (bits.bit(of.isRepeat1, of.state) === 0) {
      of.distances = [distances[1], distances[0], distances[2], distances[3]]
    } else if (bits.bit(of.isRepeat2, of.state) === 0) {
      of.distances = [distances[2], distances[0], distances[1], distances[3]]
    } else {
      of.distances = [distances[3], distances[0], distances[1], distances[2]]
    }
    const lengthBytes = readLength(bits, of.repeatLength, positionState)
    of.state = of.state < 7 ? 8 : 11
    copyMatch(of.distances[0], lengthBytes, end)
  }

  return {
    get place() {
      return place
    },
    resetDictionary() {
      dictionaryStart = place
    },
    resetState(next: LzmaProperties = properties) {
      if (++resets > maxResets) throw new PackageFileError('it is compressed in a way that is not known here')
      properties = next
      model = makeModel(next.lc + next.lp)
    },
    /** Bytes as they are. */
    copy(bytes: Uint8Array) {
      if (place + bytes.length > output.length) throw new PackageFileError('it holds more than is looked at')
      output.set(bytes, place)
      place += bytes.length
    },
    decode(input: Uint8Array, start: number, end: number, lengthBytes: number) {
      if (!model) throw new PackageFileError('its compressed data is damaged')
      if (place + lengthBytes > output.length) throw new PackageFileError('it holds more than is looked at')
      const bits = createBits(input, start, end)
      for (const until = place + lengthBytes; place < until; ) step(bits, model, until)
    },
  }
}

function readLength(bits: Bits, model: LengthModel, positionState: number): number {
  if (bits.bit(model.choice, 0) === 0) return 2 + bits.tree(model.low, positionState << lowBits, lowBits)
  if (bits.bit(model.choice, 1) === 0) return 10 + bits.tree(model.mid, positionState << midBits, midBits)
  return 18 + bits.tree(model.high, 0, highBits)
}

function readDistance(bits: Bits, model: Model, lengthBytes: number): number {
  const slot = bits.tree(model.slots[Math.min(lengthBytes - 2, 3)] as Uint16Array, 0, 6)
  if (slot < 4) return slot
  const extraBits = (slot >>> 1) - 1
  const base = (2 | (slot & 1)) * 2 ** extraBits
  if (slot < 14) return base + bits.reverseTree(model.special, base - slot, extraBits)
  return base + bits.direct(extraBits - 4) * 16 + bits.reverseTree(model.align, 0, 4)
}
