import { Cron } from 'croner'

/** A parsed cron expression in a time zone. */
export interface CronTimes {
  /**
   * The first time after an instant, both in ms since 1970; undefined: there is none. A local time
   * that clocks skip is the first one after it; one that they repeat counts once, unless the
   * expression has several times a day by a step or `*`.
   */
  next(afterMs: number): number | undefined
}

/**
 * Reads a cron expression of five fields (minute, hour, day of month, month, day of week) or a name
 * such as `@daily`. The problem follows the expression in a sentence.
 * @param timeZone an existing one, such as `Asia/Shanghai`
 */
export function parseCron(expression: string, timeZone: string): CronTimes | { readonly problem: string } {
  const text = expression.trim()
  if (!text.startsWith('@') && text.split(/\s+/).length !== 5)
    return { problem: 'does not have five fields (minute, hour, day of month, month, day of week)' }
  if (text === '@reboot') return { problem: 'has no times' }
  let cron: Cron
  try {
    cron = new Cron(text, { timezone: timeZone, paused: true })
  } catch (error) {
    const { message } = error as Error
    return { problem: `is not valid (${message.replace(/^CronPattern: /, '')})` }
  }
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() }
}
