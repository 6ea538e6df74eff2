import type { Window } from './window.ts'

/** When an execution may start tasks, as requested. */
export interface Timing {
  /** In ms since 1970. */
  readonly notBefore?: number | undefined
  readonly window?: Window | undefined
  /** It starts tasks although a freeze of the account is in effect. */
  readonly ignoresFreezes?: true | undefined
}
