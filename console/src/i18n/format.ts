import type { Language } from './catalogue.ts'

export interface Format {
  number(value: number): string
  /** `value` from 0 to 1. */
  percent(value: number): string
  /** Date and time to the second, in the time zone of the browser. */
  instant(iso: string): string
  /** Day of the week and date, in the time zone of the browser. */
  day(iso: string): string
  /** `3 minutes ago`, `in 2 hours`. */
  ago(iso: string, nowMs?: number): string
  bytes(sizeBytes: number): string
  /** `1 h 5 min`, `3.2 s`. */
  duration(durationMs: number): string
}

const agoUnits = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

const durationUnits = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

export function createFormat(language: Language): Format {
  const numbers = new Intl.NumberFormat(language)
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const instants = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'full' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  // Creating a formatter takes as long as formatting a hundred numbers, and lists format many.
  const inUnits = new Map<string, Intl.NumberFormat>()
  const inUnit = (value: number, unit: string, maximumFractionDigits = 0) => {
    const key = `${unit} ${maximumFractionDigits}`
    const known =
      inUnits.get(key) ??
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits })
    inUnits.set(key, known)
    return known.format(value)
  }

  return {
    number: (value) => numbers.format(value),
    percent: (value) => percents.format(value),
    instant: (iso) => instants.format(new Date(iso)),
    day: (iso) => days.format(new Date(iso)),
    ago(iso, nowMs = Date.now()) {
      const seconds = (Date.parse(iso) - nowMs) / 1_000
      const [unit, size] =
        agoUnits.find(([, unitSeconds]) => Math.abs(seconds) >= unitSeconds) ?? (['second', 1] as const)
      return relative.format(Math.trunc(seconds / size), unit)
    },
    bytes(sizeBytes) {
      const power =
        sizeBytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log(sizeBytes) / Math.log(1_000)))
      return inUnit(sizeBytes / 1_000 ** power, byteUnits[power] ?? 'byte', power === 0 ? 0 : 1)
    },
    duration(durationMs) {
      if (durationMs < 1_000) return inUnit(durationMs, 'millisecond')
      if (durationMs < 60_000) return inUnit(durationMs / 1_000, 'second', 1)
      const place = durationUnits.findIndex(([, unitMs]) => durationMs >= unitMs)
      let restMs = durationMs
      return durationUnits
        .slice(place, place + 2)
        .map(([unit, unitMs]) => {
          const count = Math.floor(restMs / unitMs)
          restMs -= count * unitMs
          return inUnit(count, unit)
        })
        .join(' ')
    },
  }
}
