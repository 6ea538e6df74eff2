/** A maintenance window: work starts only on these days between these times. */
export interface Window {
  /** 1 = Monday to 7 = Sunday: the days on which it opens. */
  readonly days: readonly number[]
  /** Minutes of the day; an end that is not after the start is on the next day. */
  readonly startMinute: number
  readonly endMinute: number
  /** Such as `Asia/Shanghai`. */
  readonly timeZone: string
}

/** A time on the clocks of a time zone. */
export interface LocalTime {
  /** 1 = Monday to 7 = Sunday. */
  readonly day: number
  readonly minute: number
}

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const dayMinutes = 24 * 60

/**
 * Reads `Mon-Fri 01:00-05:00 Asia/Shanghai`; days may be a list of days and ranges, and `daily`. The
 * problem follows the text of the window in a sentence.
 * @param isTimeZone whether a time zone exists
 */
export function parseWindow(
  text: string,
  isTimeZone: (name: string) => boolean,
): { readonly window: Window } | { readonly problem: string } {
  const parts = /^(\S+)\s+(\d{2}:\d{2})-(\d{2}:\d{2})\s+(\S+)$/.exec(text.trim())
  if (!parts) return { problem: 'is not of the form "Mon-Fri 01:00-05:00 Asia/Shanghai"' }
  const [, dayText = '', startText = '', endText = '', timeZone = ''] = parts
  const days = parseDays(dayText)
  if (!days) return { problem: `has the days "${dayText}", which are not like Mon-Fri, Sat,Sun or daily` }
  const [startMinute, endMinute] = [parseMinute(startText), parseMinute(endText)]
  if (startMinute === undefined || endMinute === undefined || startMinute === dayMinutes)
    return { problem: 'has a time that is not between 00:00 and 24:00' }
  if (startMinute === endMinute) return { problem: 'never opens, because it ends when it starts' }
  if (!isTimeZone(timeZone)) return { problem: `has the time zone "${timeZone}", which does not exist` }
  return { window: { days, startMinute, endMinute, timeZone } }
}

function parseDays(text: string): number[] | undefined {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7]
  const days = text.split(',').map((part) => {
    const [first = '', last = first, ...more] = part.split('-')
    const [from, to] = [dayOf(first), dayOf(last)]
    if (from === 0 || to === 0 || more.length > 0) return []
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => ((from - 1 + index) % 7) + 1)
  })
  return days.some((part) => part.length === 0) ? undefined : [...new Set(days.flat())].toSorted((a, b) => a - b)
}

const dayOf = (name: string) => dayNames.findIndex((one) => one.toLowerCase() === name.toLowerCase()) + 1

function parseMinute(text: string): number | undefined {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  const total = hour * 60 + minute
  return minute < 60 && total <= dayMinutes ? total : undefined
}

/** Whether work may start at a local time. */
export function isWindowOpen({ days, startMinute, endMinute }: Window, { day, minute }: LocalTime): boolean {
  if (endMinute > startMinute) return days.includes(day) && minute >= startMinute && minute < endMinute
  const dayBefore = ((day + 5) % 7) + 1
  return (days.includes(day) && minute >= startMinute) || (days.includes(dayBefore) && minute < endMinute)
}

/**
 * Minutes on local clocks until the window opens next; 0 while it is open. When clocks change before
 * that, the real time differs by the change.
 */
export function minutesUntilOpen(window: Window, { day, minute }: LocalTime): number {
  if (isWindowOpen(window, { day, minute })) return 0
  const waits = window.days.map((open) => {
    const ahead = ((open - day + 7) % 7) * dayMinutes + window.startMinute - minute
    return ahead > 0 ? ahead : ahead + 7 * dayMinutes
  })
  return Math.min(...waits)
}

/** The text that `parseWindow` reads as this window. */
export function renderWindow({ days, startMinute, endMinute, timeZone }: Window): string {
  const names = days.map((day) => dayNames[day - 1])
  const isRange = days.length > 2 && days.every((day, index) => index === 0 || day === (days[index - 1] ?? 0) + 1)
  const dayText = days.length === 7 ? 'daily' : isRange ? `${names[0]}-${names.at(-1)}` : names.join(',')
  return `${dayText} ${showMinute(startMinute)}-${showMinute(endMinute)} ${timeZone}`
}

const showMinute = (minute: number) =>
  [Math.floor(minute / 60), minute % 60].map((number) => String(number).padStart(2, '0')).join(':')
