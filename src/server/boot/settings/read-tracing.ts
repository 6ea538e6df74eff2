/** How to send traces; the exporter itself reads the endpoint. */
export interface TracingSettings {
  readonly protocol: 'http/json' | 'http/protobuf'
  /** Share of the traces that start here, from 0 to 1. */
  readonly ratio: number
  /** Spans wait at most this long for others to be sent with. */
  readonly batchDelayMs: number
}

/** From the specification of OpenTelemetry. */
const defaultBatchDelayMs = 5_000

/**
 * Reads the standard variables of OpenTelemetry. Undefined: no endpoint is set, or traces are
 * disabled. A text: the problem.
 */
export function readTracing(variableOf: (name: string) => string | undefined): TracingSettings | string | undefined {
  const isOff = variableOf('OTEL_SDK_DISABLED') === 'true' || variableOf('OTEL_TRACES_EXPORTER') === 'none'
  const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const
  const endpoint = endpoints.find((name) => variableOf(name) !== undefined)
  if (isOff || endpoint === undefined) return undefined
  const url = variableOf(endpoint) ?? ''
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    return `${endpoint}: is not a URL of the form http://collector.example:4318.`
  const protocol =
    variableOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? variableOf('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf'
  if (protocol !== 'http/protobuf' && protocol !== 'http/json')
    return `OTEL_EXPORTER_OTLP_PROTOCOL: "${protocol}" is not http/protobuf or http/json.`
  const batchDelayMs = Number(variableOf('OTEL_BSP_SCHEDULE_DELAY') ?? defaultBatchDelayMs)
  if (!(Number.isInteger(batchDelayMs) && batchDelayMs >= 1 && batchDelayMs <= 60_000))
    return 'OTEL_BSP_SCHEDULE_DELAY: is not a number of milliseconds from 1 to 60000.'
  const sampler = variableOf('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  if (sampler === 'parentbased_always_on') return { protocol, ratio: 1, batchDelayMs }
  if (sampler !== 'parentbased_traceidratio')
    return `OTEL_TRACES_SAMPLER: "${sampler}" is not parentbased_always_on or parentbased_traceidratio.`
  const ratio = Number(variableOf('OTEL_TRACES_SAMPLER_ARG') ?? '1')
  if (!(ratio >= 0 && ratio <= 1)) return 'OTEL_TRACES_SAMPLER_ARG: is not a number from 0 to 1.'
  return { protocol, ratio, batchDelayMs }
}
