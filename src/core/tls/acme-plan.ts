const minuteMs = 60_000

/** CAs accept five failed validations per host name and hour. */
const firstRetryMs = 15 * minuteMs
const lastRetryMs = 12 * 60 * minuteMs

/** The validity of a certificate, in milliseconds since 1970. */
export interface Validity {
  readonly from: number
  readonly to: number
}

/**
 * Whether a server should order a certificate: it has none, or a third of its lifetime is left, as
 * CAs recommend for every lifetime.
 */
export const isOrderDue = (validity: Validity | undefined, now: number): boolean =>
  validity === undefined || validity.to - now < (validity.to - validity.from) / 3

/** Delay until the next attempt after this many failed ones in a row, at least one. */
export const findOrderRetryMs = (failures: number): number =>
  Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 16), lastRetryMs)
