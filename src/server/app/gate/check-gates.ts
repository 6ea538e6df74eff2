import { satisfies } from '../../../core/gate/decide-gate.ts'
import type { Gate, GateObservation, HttpGate, PrometheusGate } from '../../../core/gate/gate.ts'
import type { AddressGuard } from '../../../lib/outbound/address-guard.ts'
import { type OutboundAnswer, sendOutbound } from '../../../lib/outbound/outbound-request.ts'
import { type DueGate, setGateObservation, takeDueGates } from '../../../store/execution/execution-gates.ts'
import type { AppContext } from '../context.ts'

/** Between two checks of a gate. */
const checkEveryMs = 10_000
const requestTimeoutMs = 10_000
/** The answer to a query with one value is less than 1 KiB. */
const maxAnswerBytes = 64 * 1024
/** Checks of one server at once. */
const gatesAtOnce = 20

/**
 * Checks the gates that are due, on any server: sends their requests, stores the result, and wakes
 * the dispatcher. Of a response only the status or the value is kept.
 * @param signal ends requests that are in progress
 */
export async function checkGates(context: AppContext, guard: AddressGuard, signal: AbortSignal): Promise<void> {
  for (;;) {
    const due = await takeDueGates(context.database, { limit: gatesAtOnce, againMs: checkEveryMs })
    await Promise.all(due.map((one) => checkGate(context, guard, one, signal)))
    if (due.length < gatesAtOnce || signal.aborted) return
  }
}

async function checkGate(context: AppContext, guard: AddressGuard, due: DueGate, signal: AbortSignal): Promise<void> {
  const gate = due.gates[due.index]
  const check = gate && checks[gate.kind]
  if (!gate || !check) throw new Error(`gate ${due.index} of ${due.executionId} is not checked by a server`)
  const observation = await check(gate as never, (url) =>
    sendOutbound(guard, { url, timeoutMs: requestTimeoutMs, maxBytes: maxAnswerBytes }, signal),
  )
  // A server that stops has not seen whether the gate holds.
  if (signal.aborted) return
  await setGateObservation(context.database, due.id, observation)
  context.poke([due.executionId])
}

type Send = (url: string) => Promise<OutboundAnswer>

const checks: { readonly [Kind in Gate['kind']]?: (gate: never, send: Send) => Promise<GateObservation> } = {
  async http({ url }: HttpGate, send: Send): Promise<GateObservation> {
    const answer = await send(url)
    if (answer.kind !== 'answer') return explainFailure(answer)
    const { status } = answer
    return status >= 200 && status < 300 ? { holds: true } : { holds: false, status }
  },
  async prometheus(gate: PrometheusGate, send: Send): Promise<GateObservation> {
    const query = new URLSearchParams({ query: gate.query })
    const answer = await send(`${gate.url.replace(/\/$/, '')}/api/v1/query?${query.toString()}`)
    if (answer.kind !== 'answer') return explainFailure(answer)
    if (answer.status !== 200) return { holds: false, status: answer.status }
    const values = readValues(answer.body)
    if (values === undefined) return { holds: false, fault: 'AnswerInvalid' }
    if (values.length === 0) return { holds: false, fault: 'NoValue' }
    const wrong = values.find((value) => !satisfies(value, gate.comparison, gate.threshold))
    return wrong === undefined ? { holds: true } : { holds: false, value: wrong }
  },
}

const explainFailure = ({ kind }: Exclude<OutboundAnswer, { kind: 'answer' }>): GateObservation => ({
  holds: false,
  fault: ({ refused: 'AddressRefused', unreachable: 'NoAnswer', tooLarge: 'AnswerTooLarge' } as const)[kind],
})

/**
 * The values of an instant query: of a vector each one, of a scalar the one. Undefined if the answer
 * is none of Prometheus. NaN is JSON's `null` in no answer: Prometheus sends values as text.
 */
function readValues(body: string): number[] | undefined {
  const answer = parseJson(body) as { data?: { resultType?: string; result?: unknown } } | undefined
  const { resultType, result } = answer?.data ?? {}
  const samples = resultType === 'scalar' ? [result] : resultType === 'vector' ? listSamples(result) : undefined
  if (samples === undefined) return undefined
  const values = samples.map((sample) => (Array.isArray(sample) ? readValue(sample[1]) : undefined))
  return values.every((value) => value !== undefined) ? values : undefined
}

const listSamples = (result: unknown): unknown[] | undefined =>
  Array.isArray(result) ? result.map((series: { value?: unknown }) => series?.value) : undefined

function readValue(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  return /^-?\d/.test(text) ? Number(text) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
