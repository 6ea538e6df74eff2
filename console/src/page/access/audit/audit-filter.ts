import type { AuditQuery } from '../../../../../src/client/access.ts'

/**
 * Filter as in the address. Empty: no condition. `last` (`7d`) and `from`/`to` (instants) exclude
 * each other.
 */
export interface AuditFilterState {
  readonly actor: string
  readonly action: string
  readonly resource: string
  readonly source: string
  readonly accessKeyId: string
  readonly last: string
  readonly from: string
  readonly to: string
}

export const auditProperties = ['actor', 'action', 'resource', 'source', 'accessKeyId'] as const
export type AuditProperty = (typeof auditProperties)[number]

/** Resources match by prefix, all other properties exactly. */
export const operatorOf = (property: AuditProperty) => (property === 'resource' ? '^' : '=')

export const emptyAuditFilter: AuditFilterState = {
  actor: '',
  action: '',
  resource: '',
  source: '',
  accessKeyId: '',
  last: '',
  from: '',
  to: '',
}

interface Token {
  readonly propertyKey?: string
  readonly operator: string
  readonly value: unknown
}

export const listAuditTokens = (filter: AuditFilterState) =>
  auditProperties
    .filter((property) => filter[property] !== '')
    .map((property) => ({ propertyKey: property, operator: operatorOf(property), value: filter[property] }))

/** The server accepts one value per property: the last one applies. */
export function readAuditTokens(tokens: readonly Token[]): Pick<AuditFilterState, AuditProperty> {
  const { actor, action, resource, source, accessKeyId } = emptyAuditFilter
  const read = { actor, action, resource, source, accessKeyId }
  for (const { propertyKey, value } of tokens) {
    const property = auditProperties.find((name) => name === propertyKey)
    if (property) read[property] = String(value).trim()
  }
  return read
}

const unitMs = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, minute: 60_000, second: 1_000 } as const
const unitLetters = { hour: 'h', day: 'd', week: 'w', minute: 'm', second: 's' } as const
type Unit = keyof typeof unitMs
export const rangeUnits = ['minute', 'hour', 'day', 'week'] as const satisfies Unit[]

export type RelativeRange = { readonly type: 'relative'; readonly amount: number; readonly unit: string }
export type AbsoluteRange = { readonly type: 'absolute'; readonly startDate: string; readonly endDate: string }

/** `7d`: the last seven days. */
export function readLast(text: string): { readonly amount: number; readonly unit: Unit } | undefined {
  const [, amount, letter] = /^([1-9]\d{0,4})([a-z])$/.exec(text) ?? []
  const unit = (Object.keys(unitLetters) as Unit[]).find((name) => unitLetters[name] === letter)
  return unit && { amount: Number(amount), unit }
}

/** Converts the value of the time picker for the address. */
export function readRange(range: RelativeRange | AbsoluteRange | null): Pick<AuditFilterState, 'last' | 'from' | 'to'> {
  const none = { last: '', from: '', to: '' }
  if (range?.type === 'absolute')
    return { ...none, from: new Date(range.startDate).toISOString(), to: new Date(range.endDate).toISOString() }
  if (range && range.unit in unitLetters) return { ...none, last: `${range.amount}${unitLetters[range.unit as Unit]}` }
  return none
}

/** Query for the server. An invalid instant (from an edited address) is ignored. */
export function renderAuditQuery(filter: AuditFilterState, nowMs: number): AuditQuery {
  const last = readLast(filter.last)
  const from = last ? new Date(nowMs - last.amount * unitMs[last.unit]).toISOString() : instantOf(filter.from)
  const to = last ? undefined : instantOf(filter.to)
  return {
    ...Object.fromEntries(auditProperties.map((property) => [property, filter[property] || undefined])),
    from,
    to,
  }
}

const instantOf = (text: string) => (Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString())
