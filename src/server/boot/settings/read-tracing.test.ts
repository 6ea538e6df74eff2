import { expect, test } from 'vitest'
import { readTracing } from './read-tracing.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318' }
const read = (variables: Readonly<Record<string, string>>) => readTracing((name) => variables[name])

test.each([
  ['no endpoint', {}, undefined],
  ['an endpoint', endpoint, { protocol: 'http/protobuf', ratio: 1, batchDelayMs: 5_000 }],
  [
    'an endpoint of traces',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' },
    { protocol: 'http/protobuf', ratio: 1, batchDelayMs: 5_000 },
  ],
  [
    'JSON',
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { protocol: 'http/json', ratio: 1, batchDelayMs: 5_000 },
  ],
  [
    'a share',
    { ...endpoint, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
    { protocol: 'http/protobuf', ratio: 0.1, batchDelayMs: 5_000 },
  ],
  [
    'a delay',
    { ...endpoint, OTEL_BSP_SCHEDULE_DELAY: '200' },
    { protocol: 'http/protobuf', ratio: 1, batchDelayMs: 200 },
  ],
  ['the SDK disabled', { ...endpoint, OTEL_SDK_DISABLED: 'true' }, undefined],
  ['no exporter', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, undefined],
])('%s', (_case, variables, expected) => {
  expect(read(variables as Record<string, string>)).toEqual(expected)
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT: is not a URL'],
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not http/protobuf or http/json.',
  ],
  [{ ...endpoint, OTEL_BSP_SCHEDULE_DELAY: '5s' }, 'OTEL_BSP_SCHEDULE_DELAY: is not a number of milliseconds'],
  [{ ...endpoint, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER: "jaeger_remote" is not'],
  [
    { ...endpoint, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
    'OTEL_TRACES_SAMPLER_ARG: is not a number from 0 to 1.',
  ],
])('%o is a problem', (variables, problem) => {
  expect(read(variables as Record<string, string>)).toContain(problem)
})
