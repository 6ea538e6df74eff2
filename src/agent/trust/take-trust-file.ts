import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { CodeTrust } from './code-trust.ts'

/**
 * Replaces the trust file by a successor that the server delivers, if the root keys of both signed
 * it; otherwise the log says why not. The facts then show which one is in effect.
 */
export async function takeTrustFile(
  trust: CodeTrust,
  { content, signatures }: { readonly content: string; readonly signatures: readonly string[] },
  { clock, log }: { readonly clock: Pick<Clock, 'now'>; readonly log: Logger },
): Promise<void> {
  try {
    const fault = await trust.update(content, signatures, clock.now())
    if (fault === undefined) log.info('the trust file was replaced by its successor')
    else log.warn('the server delivered a trust file that is refused', { ...fault })
  } catch (error) {
    log.warn('the server delivered a trust file that cannot be used', { error: String(error) })
  }
}
