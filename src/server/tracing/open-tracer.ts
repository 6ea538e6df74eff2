import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { SpanAttributes, Tracer } from '../../lib/tracer.ts'

export interface TracerOptions {
  readonly protocol: 'http/json' | 'http/protobuf'
  /** Share of the traces that start here, from 0 to 1; those of clients follow the client. */
  readonly ratio: number
  readonly batchDelayMs: number
  readonly version: string
  readonly serverId: string
}

/** A collector that does not answer must not delay the end of the process. */
const closeTimeoutMs = 2_000

/**
 * Sends spans to a collector by OTLP. The exporter itself reads the endpoint, headers and
 * certificates from the standard variables (OTEL_EXPORTER_OTLP_…).
 */
export function openTracer({ protocol, ratio, batchDelayMs, version, serverId }: TracerOptions): Tracer {
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter()
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'chandler',
        'service.version': version,
        'service.instance.id': serverId,
      }),
    )
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }))
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: batchDelayMs })],
  })
  const tracer = provider.getTracer('chandler', version)
  const current = new AsyncLocalStorage<Context>()
  const contextNow = () => current.getStore() ?? ROOT_CONTEXT

  return {
    async span(name, attributes, work) {
      const parent = contextNow()
      const span = tracer.startSpan(name, { attributes: defined(attributes) }, parent)
      try {
        return await current.run(trace.setSpan(parent, span), work)
      } catch (error) {
        fail(span)
        throw error
      } finally {
        span.end()
      }
    },
    request({ traceparent }, attributes, run) {
      const parent = readTraceParent(traceparent)
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes: defined(attributes) }, parent)
      current.run(trace.setSpan(parent, span), run)
      return {
        end(name, more, isFailed) {
          span.updateName(name)
          span.setAttributes(defined(more))
          if (isFailed) fail(span)
          span.end()
        },
      }
    },
    statement(name, seconds, isFailed) {
      const parent = contextNow()
      // Statements of timers and batches, of which there are many, belong to no trace.
      if (trace.getSpan(parent) === undefined) return
      // A time since 1970 that changes of the system time do not affect.
      const endTime = performance.timeOrigin + performance.now()
      const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': name }
      const startTime = endTime - seconds * 1_000
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, parent)
      if (isFailed) fail(span)
      span.end(endTime)
    },
    async close() {
      const timeout = Promise.withResolvers<void>()
      const timer = setTimeout(timeout.resolve, closeTimeoutMs)
      await Promise.race([provider.shutdown(), timeout.promise])
      clearTimeout(timer)
    },
  }
}

const fail = (span: Span) => span.setStatus({ code: SpanStatusCode.ERROR })

const defined = (attributes: SpanAttributes): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )

/** W3C Trace Context, version 00; anything else starts a new trace. */
function readTraceParent(header: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header ?? '') ?? []
  if (!/[1-9a-f]/.test(traceId) || !/[1-9a-f]/.test(spanId)) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}
