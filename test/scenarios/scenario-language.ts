import { batchPauses, executionModes } from '../../src/core/execution/rate-control.ts'
import { parseAmount } from '../../src/core/execution/resolve-rate-control.ts'
import { parseDuration } from '../../src/lib/duration.ts'
import type { ExecutionPlan } from '../sim/scenario.ts'

/** `wait 30s`: a command and its arguments. */
export function parseCommand(
  line: string,
  known: readonly string[],
): { readonly name: string; readonly words: string[] } {
  const [name = '', ...words] = line.split(/\s+/)
  if (!known.includes(name)) throw new Error(`${name} is no command; there are ${known.join(', ')}`)
  return { name, words }
}

/** `1-3,7` is 1, 2, 3 and 7. */
export function parseList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (from === undefined) throw new Error(`"${text}" is no list such as 1-3,7`)
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
  })
}

export function parseMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new Error(`"${text}" is no duration such as 30s`)
  return ms
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value {
  const value = values.find((one) => one === text)
  if (value === undefined) throw new Error(`"${text}" is none of ${values.join(', ')}`)
  return value
}

function parseAmounts(text: string): ExecutionPlan['batches'] {
  return text.split(',').map((part) => {
    const amount = parseAmount(part)
    if (amount === undefined) throw new Error(`"${part}" is no amount such as 5 or 10%`)
    return amount
  })
}

/** Each setting by name, and its effect. */
const settings: Readonly<Record<string, (text: string) => Partial<ExecutionPlan>>> = {
  targets: (text) => ({ targets: parseList(text) }),
  extension: (text) => ({ extension: Number(text) }),
  extensions: (text) => {
    const [extension = 1, ...further] = parseList(text)
    return { extension, further }
  },
  asWanted: (text) => ({ asWanted: Number(text) }),
  skipped: (text) => ({ skipped: Number(text) }),
  notInstalled: (text) => ({ notInstalled: Number(text) }),
  mode: (text) => ({ mode: oneOf(executionModes, text) }),
  batches: (text) => ({ batches: parseAmounts(text) }),
  concurrency: (text) => ({ concurrency: Number(text) }),
  maxErrors: (text) => ({ maxErrors: Number(text) }),
  pause: (text) => ({ batchPause: oneOf(batchPauses, text) }),
  delivery: (text) => ({ deliveryTimeoutMs: parseMs(text) }),
  timeout: (text) => ({ timeoutMs: parseMs(text) }),
  strict: (text) => ({ strict: text === 'yes' }),
}

const usual: ExecutionPlan = {
  startAt: 0,
  extension: 1,
  further: [],
  targets: [],
  asWanted: 0,
  skipped: 0,
  notInstalled: 0,
  mode: 'Automatic',
  batches: [{ percent: 100 }],
  concurrency: 10,
  maxErrors: 0,
  batchPause: 'Automatic',
  deliveryTimeoutMs: 60_000,
  timeoutMs: 60_000,
  strict: false,
}

/**
 * `targets=1-6 concurrency=2`: other settings have defaults (one batch, 10 at once, no errors, a
 * minute for each timeout).
 */
export function parsePlan(words: readonly string[]): ExecutionPlan {
  return words.reduce<ExecutionPlan>((plan, word) => {
    const [, name = '', text = ''] = /^(\w+)=(.+)$/.exec(word) ?? []
    const setting = settings[name]
    if (!setting)
      throw new Error(`"${word}" is no setting; there are ${Object.keys(settings).join(', ')}, each as name=value`)
    return { ...plan, ...setting(text) }
  }, usual)
}
