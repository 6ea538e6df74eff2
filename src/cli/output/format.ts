import { stringify } from 'yaml'
import type { Sink } from './sink.ts'

export const formats = ['table', 'json', 'yaml'] as const
export type OutputFormat = (typeof formats)[number]

/** Prints one answer: `value` as a document for programs, `table` for users. */
export function printAnswer(sink: Sink, format: OutputFormat, value: unknown, table: () => void): void {
  switch (format) {
    case 'table':
      table()
      return
    case 'json':
      sink.line(JSON.stringify(value, null, 2))
      return
    case 'yaml':
      sink.write(stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }))
  }
}

/** `3 s`, `2 min 5 s`, `1 h 2 min`, `3 d 4 h`: the two largest units. */
export function showDuration(durationMs: number): string {
  if (durationMs < 10_000) return `${Math.max(0, Math.round(durationMs / 100) / 10)} s`
  const seconds = Math.round(durationMs / 1000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** `512 B`, `1.5 MiB`. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[power]}`
}

/** `k=v, k2=v2`, sorted. */
export const showTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(', ')

/** An instant in local time, to the second. */
export const showInstant = (instant: string) => instant.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')

/** `demo: port=9999, token=******`; empty without parameters. */
export function showValues(
  values: Readonly<Record<string, string | number | boolean>>,
  of?: string,
): string | undefined {
  const text = Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  return text === '' ? undefined : of === undefined ? text : `${of}: ${text}`
}
