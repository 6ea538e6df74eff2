/**
 * Regular expressions of parameters, matched in linear time (design §4, §10).
 *
 * A pattern is written by whoever owns the extension and run by the server on whatever a caller sends. The built-in engine backtracks:
 * `(a|a)*b` or three `\w*` in a row stand still for minutes on 8 KiB. So the pattern is turned into a small automaton here, and all of its
 * states step through the value together: at most (length of the value) x (states) steps, whatever the pattern.
 * The syntax is that of JavaScript with the flag `u`, without what no automaton can do (lookaround, back references) and without named
 * groups; what is accepted means exactly what JavaScript means by it. The whole value must match.
 */

/** `{63}{63}` multiplies; 512 states are far more than names, digests, addresses and version numbers need. */
export const maxPatternStates = 512

/** What is wrong with a pattern, in words that follow "the pattern …". */
export function validatePattern(pattern: string): string | undefined {
  const compiled = compile(pattern)
  return 'reason' in compiled ? compiled.reason : undefined
}

/** Whether the whole value matches. A pattern that is not well-formed matches nothing. */
export function matchPattern(pattern: string, value: string): boolean {
  const compiled = compile(pattern)
  return 'program' in compiled && run(compiled.program, [...value])
}

type Test = (character: string) => boolean
type Assertion = 'start' | 'end' | 'boundary' | 'inside'
type Tree =
  | { readonly kind: 'take'; readonly test: Test }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly kind: 'either'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly min: number; readonly max: number }
/** Where nothing else is said, the next step is the one below. */
type Step =
  | { readonly kind: 'take'; readonly test: Test }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'go'; to: readonly number[] }
  | { readonly kind: 'done' }

class PatternError extends Error {}

function compile(pattern: string): { readonly program: readonly Step[] } | { readonly reason: string } {
  try {
    return { program: emit(parse([...pattern])) }
  } catch (error) {
    if (error instanceof PatternError) return { reason: error.message }
    throw error
  }
}

// ── text to tree ──

const escapeForms = [
  /^\\[dDwWsSbB]/u,
  /^\\[tnrfv]/u,
  /^\\0(?![0-9])/u,
  /^\\x[0-9a-fA-F]{2}/u,
  /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/u,
  /^\\u[0-9a-fA-F]{4}/u,
  /^\\u\{0*(?:10|[0-9a-fA-F])?[0-9a-fA-F]{1,4}\}/u,
  /^\\[pP]\{[A-Za-z0-9_=]+\}/u,
  /^\\[\^$\\.*+?()[\]{}|/]/u,
]
const assertions: Readonly<Record<string, Assertion>> = { '^': 'start', $: 'end', '\\b': 'boundary', '\\B': 'inside' }

function parse(characters: readonly string[]): Tree {
  let place = 0
  const peek = () => characters[place]
  const rest = () => characters.slice(place).join('')
  const fail = (reason: string): never => {
    throw new PatternError(reason)
  }
  const take = (form: RegExp) => {
    const text = form.exec(rest())?.[0]
    if (text !== undefined) place += [...text].length
    return text
  }

  const tree = parseEither()
  return place === characters.length ? tree : fail('has a ) without its (')

  function parseEither(): Tree {
    const parts = [parseSequence()]
    while (take(/^\|/)) parts.push(parseSequence())
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'either', parts }
  }

  function parseSequence(): Tree {
    const parts: Tree[] = []
    while (place < characters.length && peek() !== '|' && peek() !== ')') parts.push(parseRepeat(parseAtom()))
    return { kind: 'sequence', parts }
  }

  function parseRepeat(part: Tree): Tree {
    const quantifier = take(/^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??/u)
    if (quantifier === undefined) return part
    if (part.kind === 'assert') return fail(`repeats ${quantifier} what takes no letters`)
    const [from = '', to = from] = quantifier.startsWith('{') ? quantifier.replace(/^\{|\}\??$/g, '').split(',') : []
    const [min, max] = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[quantifier[0] ?? ''] ?? [
      Number(from),
      to === '' ? Infinity : Number(to),
    ]
    if (max !== Infinity && max! < min!) return fail(`has ${quantifier}, whose end is below its beginning`)
    if (min! > maxPatternStates || (max !== Infinity && max! > maxPatternStates)) {
      return fail(`has ${quantifier}; more than ${maxPatternStates} are not counted here, use minLength and maxLength`)
    }
    return { kind: 'repeat', part, min: min!, max: max! }
  }

  function parseAtom(): Tree {
    const character = peek() ?? ''
    if (character === '(') return parseGroup()
    if (character === '[') return parseClass()
    if (character === '\\') return leafOf(parseEscape())
    if ('*+?'.includes(character)) return fail(`has a ${character} with nothing before it to repeat`)
    if ('{}]'.includes(character)) return fail(`has a bare ${character}; write \\${character} for the letter`)
    place += 1
    return leafOf(character)
  }

  function parseGroup(): Tree {
    if (take(/^\((?:\?:)?(?!\?)/) === undefined) {
      return fail(
        `has ${rest().slice(0, 3)}…; only plain groups ( ) and (?: ) are possible, no lookaround and no names`,
      )
    }
    const tree = parseEither()
    return take(/^\)/) === undefined ? fail('has a ( without its )') : tree
  }

  function parseClass(): Tree {
    let text = '['
    place += 1
    while (peek() !== ']') {
      if (peek() === undefined) return fail('has a [ without its ]')
      text += peek() === '\\' ? parseEscapeInClass() : characters[place++]
    }
    place += 1
    return { kind: 'take', test: testOf(`${text}]`) }
  }

  function parseEscape(): string {
    for (const form of escapeForms) {
      const text = take(form)
      if (text !== undefined) return text
    }
    return fail(`has ${rest().slice(0, 2)}, which is not possible here`)
  }

  function parseEscapeInClass(): string {
    return take(/^\\-/) ?? parseEscape()
  }

  function leafOf(text: string): Tree {
    const assertion = Object.hasOwn(assertions, text) ? assertions[text] : undefined
    if (assertion) return { kind: 'assert', assertion }
    if (text === '.' || text.startsWith('\\')) return { kind: 'take', test: testOf(text) }
    return { kind: 'take', test: (character) => character === text }
  }

  /** The built-in engine decides about one letter: it knows every class, and on one letter it cannot go astray. */
  function testOf(text: string): Test {
    let expression: RegExp
    try {
      expression = new RegExp(`^${text}$`, 'u')
    } catch {
      return fail(`has ${text}, which is not well-formed`)
    }
    return (character) => expression.test(character)
  }
}

// ── tree to program ──

function emit(tree: Tree): readonly Step[] {
  const steps: Step[] = []
  const push = <S extends Step>(step: S): S => {
    if (steps.length >= maxPatternStates)
      throw new PatternError(`needs more than ${maxPatternStates} states; make it shorter`)
    steps.push(step)
    return step
  }
  add(tree)
  steps.push({ kind: 'done' })
  return steps

  function add(node: Tree): void {
    switch (node.kind) {
      case 'take':
      case 'assert':
        push(node)
        return
      case 'sequence':
        // Even nothing is a step, so that repeating it counts.
        if (node.parts.length === 0) push({ kind: 'go', to: [steps.length + 1] })
        for (const part of node.parts) add(part)
        return
      case 'either':
        return addEither(node.parts)
      case 'repeat':
        return addRepeat(node.part, node.min, node.max)
    }
  }

  function addEither(parts: readonly Tree[]): void {
    const fork = push({ kind: 'go', to: [] as number[] })
    const ends = parts.map((part) => {
      fork.to.push(steps.length)
      add(part)
      return push({ kind: 'go', to: [] as number[] })
    })
    for (const end of ends) end.to.push(steps.length)
  }

  function addRepeat(part: Tree, min: number, max: number): void {
    for (let count = 0; count < min; count++) add(part)
    if (max === Infinity) {
      const again = steps.length
      const fork = push({ kind: 'go', to: [again + 1] })
      add(part)
      push({ kind: 'go', to: [again] })
      fork.to.push(steps.length)
      return
    }
    const forks = Array.from({ length: max - min }, () => {
      const fork = push({ kind: 'go', to: [steps.length + 1] })
      add(part)
      return fork
    })
    for (const fork of forks) fork.to.push(steps.length)
  }
}

// ── program and value to answer ──

function run(program: readonly Step[], value: readonly string[]): boolean {
  /** The place in the value at which a step was last reached, plus one: each step is looked at once per place. */
  const reachedAt = new Uint32Array(program.length)
  let current = reach([0], 0)
  for (let place = 0; place < value.length && current.length > 0; place++) {
    const character = value[place] ?? ''
    const next: number[] = []
    for (const index of current) {
      const step = program[index]
      if (step?.kind === 'take' && step.test(character)) next.push(index + 1)
    }
    current = reach(next, place + 1)
  }
  // The last step is the one that ends.
  return reachedAt[program.length - 1] === value.length + 1

  /** The taking and ending steps that can be reached from some steps without taking a letter. */
  function reach(from: number[], place: number): number[] {
    const reached: number[] = []
    while (from.length > 0) {
      const index = from.pop() ?? 0
      if (reachedAt[index] === place + 1) continue
      reachedAt[index] = place + 1
      const step = program[index]
      if (step?.kind === 'go') from.push(...step.to)
      else if (step?.kind === 'assert') {
        if (isTrue(step.assertion, value, place)) from.push(index + 1)
      } else reached.push(index)
    }
    return reached
  }
}

function isTrue(assertion: Assertion, value: readonly string[], place: number): boolean {
  switch (assertion) {
    case 'start':
      return place === 0
    case 'end':
      return place === value.length
    case 'boundary':
      return isWord(value[place - 1]) !== isWord(value[place])
    case 'inside':
      return isWord(value[place - 1]) === isWord(value[place])
  }
}

const isWord = (character: string | undefined) => character !== undefined && /^[A-Za-z0-9_]$/.test(character)
