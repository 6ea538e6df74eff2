/** Why a receiver did not accept a delivery, if it did not answer with a status. */
export type DeliveryFault = 'AddressRefused' | 'NoAnswer' | 'AnswerTooLarge' | 'Refused' | 'NoMailServer'

/** The result of one attempt. */
export type DeliveryResult =
  | { readonly accepted: true; readonly status?: number }
  | { readonly accepted: false; readonly status?: number; readonly fault?: DeliveryFault }

/** What follows from an attempt. Times are in ms from now. */
export type DeliveryDecision =
  | { readonly outcome: 'delivered' }
  /** `pauseMs`: the other deliveries to this receiver wait, too; absent: the fault is of this one. */
  | { readonly outcome: 'retry'; readonly retryInMs: number; readonly pauseMs?: number }
  | { readonly outcome: 'failed'; readonly pauseMs?: number }

const firstRetryMs = 10_000
/** A receiver that was down is found to be up again after this time at the latest. */
const longestPauseMs = 600_000
/** Of a body that the receiver rejects. */
const longestRetryMs = 3_600_000
/** A receiver may be down for days, such as a weekend, without losing anything. */
export const deliveryLifetimeMs = 3 * 86_400_000

/** The receiver rejects this body; others may be accepted. */
const ofOneDelivery = [400, 413, 415, 422]

/**
 * Decides what follows from an attempt to deliver. A delivery is retried at growing intervals until
 * it is accepted or too old; it is always attempted once more after that age, so that time without
 * servers loses nothing.
 * @param attempts including this one
 * @param ageMs since the delivery was created (or replayed)
 * @param failures of the receiver in a row, without this one
 */
export function decideDelivery(
  result: DeliveryResult,
  { attempts, ageMs, failures }: { readonly attempts: number; readonly ageMs: number; readonly failures: number },
): DeliveryDecision {
  if (result.accepted) return { outcome: 'delivered' }
  const isOwn = result.status !== undefined && ofOneDelivery.includes(result.status)
  const pause = isOwn ? {} : { pauseMs: grow(firstRetryMs, failures, longestPauseMs) }
  // Not longer than the longest pause: when a pause ends, a delivery is due that tries the receiver.
  const retryInMs = grow(firstRetryMs, attempts - 1, isOwn ? longestRetryMs : longestPauseMs)
  if (ageMs >= deliveryLifetimeMs) return { outcome: 'failed', ...pause }
  return { outcome: 'retry', retryInMs, ...pause }
}

/** Doubles `doublings` times, up to a limit. */
const grow = (ms: number, doublings: number, limitMs: number) => Math.min(limitMs, ms * 2 ** Math.min(doublings, 20))
