const dayMs = 86_400_000

/**
 * An instant as `2026-11-30 17:05 UTC`, with seconds if there are any. Core has no clock, so it does
 * not use Date.
 * @param ms since 1970
 */
export function showInstantUtc(ms: number): string {
  const days = Math.floor(ms / dayMs)
  const seconds = Math.floor((ms - days * dayMs) / 1_000)
  const [hour, minute, second] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const time = [hour, minute, ...(second === 0 ? [] : [second])].map(twoDigits).join(':')
  return `${showDay(days)} ${time} UTC`
}

/** The Gregorian calendar, with years that begin in March, so that leap days are last. */
function showDay(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return [year, twoDigits(month), twoDigits(day)].join('-')
}

const twoDigits = (number: number) => String(number).padStart(2, '0')
