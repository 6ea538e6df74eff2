import { type Comparison, comparisons, type Gate } from './gate.ts'

const minute = 60_000
const defaultTimeoutsMs = { http: 5 * minute, prometheus: 5 * minute, approval: 7 * 24 * 60 * minute } as const
const maxTimeMs = 30 * 24 * 60 * minute
const maxApprovals = 20
/** The longest URL that common proxies accept is 8 KiB; a query of a dashboard is shorter. */
const maxTextLength = 4_096

type Parsed<Value> = { readonly gate: Value } | { readonly problem: string }

/**
 * Reads a gate: `soak:10m`, `http:URL`, `prometheus:URL?query=QUERY < 0.01` or `approval:2`. URLs
 * and approvals may be followed by options such as `timeout=5m`, `by=alice,bob` and `role=sre`. The problem
 * follows the text of the gate in a sentence.
 */
export function parseGate(text: string): Parsed<Gate> {
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(text.trim()) ?? []
  if (text.length > maxTextLength) return { problem: `is longer than ${maxTextLength} characters` }
  switch (kind) {
    case 'soak':
      return parseSoak(rest)
    case 'http':
      return parseHttp(rest)
    case 'prometheus':
      return parsePrometheus(rest)
    case 'approval':
      return parseApproval(rest)
    default:
      return { problem: 'is none of soak:TIME, http:URL, prometheus:URL?query=QUERY < NUMBER and approval:NUMBER' }
  }
}

function parseSoak(text: string): Parsed<Gate> {
  const durationMs = parseTime(text)
  return durationMs === undefined ? { problem: timeProblem } : { gate: { kind: 'soak', durationMs } }
}

function parseHttp(text: string): Parsed<Gate> {
  const { head, timeoutMs, problem } = readOptions(text, 'http')
  if (problem !== undefined) return { problem }
  const fault = findUrlFault(head)
  return fault === undefined ? { gate: { kind: 'http', url: head, timeoutMs } } : { problem: fault }
}

function parsePrometheus(text: string): Parsed<Gate> {
  const { head, timeoutMs, problem } = readOptions(text, 'prometheus')
  if (problem !== undefined) return { problem }
  const [, url = '', asked = ''] = /^([^?\s]+)\?query=(.+)$/s.exec(head) ?? []
  if (asked === '') return { problem: 'has no query; append ?query=QUERY < NUMBER to the URL' }
  // The comparison is the last one: a query may contain others.
  const [, query = '', comparison, number] =
    /^(.+?)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/is.exec(asked) ?? []
  if (comparison === undefined)
    return { problem: `does not end with a comparison (${comparisons.join(' ')}) and a number` }
  const fault = findUrlFault(url)
  if (fault !== undefined) return { problem: fault }
  const threshold = Number(number)
  return { gate: { kind: 'prometheus', url, query, comparison: comparison as Comparison, threshold, timeoutMs } }
}

function parseApproval(text: string): Parsed<Gate> {
  const { head, timeoutMs, users, roles, problem } = readOptions(text, 'approval')
  if (problem !== undefined) return { problem }
  const count = /^\d{1,3}$/.test(head) ? Number(head) : 0
  if (count < 1 || count > maxApprovals) return { problem: `needs a number of approvals from 1 to ${maxApprovals}` }
  if (users.length > 0 && users.length < count && roles.length === 0)
    return { problem: `needs ${count} approvals, and by= names ${users.length} users` }
  return { gate: { kind: 'approval', count, users, ...(roles.length > 0 && { roles }), timeoutMs } }
}

/** Reads the options at the end of the text. */
function readOptions(text: string, kind: keyof typeof defaultTimeoutsMs) {
  let head = text.trim()
  let timeoutMs: number | undefined = defaultTimeoutsMs[kind]
  let users: readonly string[] = []
  let roles: readonly string[] = []
  for (;;) {
    const [whole = '', name, value = ''] = /\s+(timeout|by|role)=(\S+)$/.exec(head) ?? []
    if (name === undefined) break
    if (name === 'timeout') timeoutMs = parseTime(value)
    else if (name === 'by') users = splitNames(value)
    else roles = splitNames(value)
    head = head.slice(0, -whole.length)
  }
  const problem =
    timeoutMs === undefined
      ? `has a timeout that is no time: ${timeProblem}`
      : kind !== 'approval' && users.length > 0
        ? 'has the option by=, which only approvals have'
        : kind !== 'approval' && roles.length > 0
          ? 'has the option role=, which only approvals have'
          : undefined
  return { head, timeoutMs: timeoutMs ?? 0, users, roles, problem }
}

const splitNames = (text: string) => [...new Set(text.split(',').filter((name) => name !== ''))]

const timeProblem = 'needs a time from 1s to 30d, such as 90s, 10m, 2h or 1d'
const unitsMs = { s: 1_000, m: minute, h: 60 * minute, d: 24 * 60 * minute } as const

function parseTime(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,7})([smhd])$/.exec(text.trim()) ?? []
  const timeMs = Number(number) * (unitsMs[unit as keyof typeof unitsMs] ?? Number.NaN)
  return timeMs >= 1_000 && timeMs <= maxTimeMs ? timeMs : undefined
}

function findUrlFault(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#\s]+/.test(text) || /\s/.test(text)) return 'needs a URL that begins with http:// or https://'
  return /^https?:\/\/[^/?#]*@/.test(text) ? 'has credentials in its URL, which every user could read' : undefined
}

/** The text that `parseGate` reads as this gate. */
export function renderGate(gate: Gate): string {
  switch (gate.kind) {
    case 'soak':
      return `soak:${renderTime(gate.durationMs)}`
    case 'http':
      return `http:${gate.url}${renderTimeout(gate)}`
    case 'prometheus':
      return `prometheus:${gate.url}?query=${gate.query} ${gate.comparison} ${gate.threshold}${renderTimeout(gate)}`
    case 'approval':
      return `approval:${gate.count}${renderNames('by', gate.users)}${renderNames('role', gate.roles)}${renderTimeout(gate)}`
  }
}

const renderNames = (option: string, names: readonly string[] = []) =>
  names.length > 0 ? ` ${option}=${names.join(',')}` : ''

const renderTimeout = ({ kind, timeoutMs }: Exclude<Gate, { kind: 'soak' }>) =>
  timeoutMs === defaultTimeoutsMs[kind] ? '' : ` timeout=${renderTime(timeoutMs)}`

function renderTime(timeMs: number): string {
  const unit = (['d', 'h', 'm'] as const).find((one) => timeMs % unitsMs[one] === 0) ?? 's'
  return `${timeMs / unitsMs[unit]}${unit}`
}
