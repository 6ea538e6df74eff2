import { chandlerError } from '../../../core/error/errors.ts'
import type { Timing } from '../../../core/timing/timing.ts'
import { parseWindow } from '../../../core/timing/window.ts'
import { isTimeZone } from '../../../lib/local-time.ts'
import { authorise, resourceFor } from '../access/authorise.ts'
import type { Actor, AppContext } from '../context.ts'

/** When an execution may start tasks, as a client sends it. */
export interface TimingRequest {
  /** In ms since 1970. */
  readonly startAt?: number | undefined
  /** As `parseWindow` reads it. */
  readonly window?: string | undefined
  readonly ignoreFreezes?: boolean | undefined
}

/**
 * Null: at any time.
 * @throws TimingInvalid, and AccessDenied if the actor may not override freezes
 */
export function readTiming(
  context: Pick<AppContext, 'clock' | 'region'>,
  actor: Actor,
  { startAt, window: text, ignoreFreezes }: TimingRequest,
): Timing | null {
  const parsed = text === undefined ? undefined : parseWindow(text, isTimeZone)
  if (parsed && 'problem' in parsed) throw chandlerError('TimingInvalid', { text: text ?? '', reason: parsed.problem })
  if (ignoreFreezes) {
    const action = 'chandler:OverrideFreeze'
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, 'freeze/*') })
  }
  if (startAt === undefined && !parsed && !ignoreFreezes) return null
  return {
    ...(startAt === undefined ? {} : { notBefore: startAt }),
    ...(parsed ? { window: parsed.window } : {}),
    ...(ignoreFreezes ? { ignoresFreezes: true } : {}),
  }
}
