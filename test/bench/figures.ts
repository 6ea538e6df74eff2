export const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits

export const median = (values: readonly number[]) => at(values, 0.5)

/** The value at a quantile. */
export function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** A requirement of design §12, and whether it is met. */
export const budget = (text: string, met: boolean) => ({ budget: text, met })
