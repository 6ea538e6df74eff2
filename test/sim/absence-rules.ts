import { isInvocationOpen } from '../../src/core/execution/invocation.ts'
import type { InvocationId } from '../../src/core/id.ts'
import { absenceMs, reconnectGraceMs } from '../../src/core/limits.ts'
import type { InvocationRow } from './rows.ts'
import { type Rule, rule } from './rule.ts'

/** Rules about agents and servers that were away. */

const cancelledNeverBegins: Rule = {
  name: 'A cancelled or timed-out invocation never starts after the agent has received the welcome',
  create: () => {
    const over = new Set<InvocationId>()
    return (event, rows) => {
      if (event.kind === 'welcomed')
        for (const id of event.open) {
          const row = rows.invocations.get(id)
          if (row === undefined || row.cancelRequested || !isInvocationOpen(row.state)) over.add(id)
        }
      return event.kind === 'scriptBegun' && over.has(event.id) ? `${event.id} begins` : undefined
    }
  },
}

const absenceIsNotCharged: Rule = {
  name: 'Nothing times out because of an absence of the servers: agents report first',
  create: () => {
    let atRisk = new Set<InvocationRow>()
    let until = 0
    return (event, rows) => {
      // Later reports and requests have deadlines of their own.
      if (event.kind === 'cancelSent' || event.kind === 'invocationMoved') atRisk.delete(event.invocation)
      if (event.kind === 'serverBack' && event.gapMs > absenceMs) {
        atRisk = new Set([...rows.invocations.values()].filter(({ state }) => isInvocationOpen(state)))
        until = rows.now() + reconnectGraceMs
      }
      if (event.kind !== 'gaveUp' || !atRisk.has(event.invocation) || rows.now() >= until) return undefined
      return `${event.invocation.id} times out ${until - rows.now()} ms too early`
    }
  },
}

const noEndIsLost = rule('The server knows every end that it acknowledged', (event, rows) => {
  if (event.kind !== 'endAcknowledged') return undefined
  const row = rows.invocations.get(event.id)
  if (row === undefined || (!isInvocationOpen(row.state) && row.state !== 'lost')) return undefined
  return `${event.id} is ${row.state}`
})

const missingIsAskedFor = rule('The welcome requests every end that the server lacks', (event, rows) => {
  if (event.kind !== 'welcomed') return undefined
  const missing = [...rows.invocations.values()].find(
    ({ id, instanceId, state, disowned }) =>
      instanceId === event.instanceId &&
      !event.named.includes(id) &&
      !event.wanted.includes(id) &&
      (state === 'lost' ? !disowned : isInvocationOpen(state) && state !== 'queued' && state !== 'sent'),
  )
  return missing && `${missing.id} is ${missing.state}`
})

export const absenceRules: readonly Rule[] = [cancelledNeverBegins, absenceIsNotCharged, noEndIsLost, missingIsAskedFor]
