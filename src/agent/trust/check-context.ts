import type { Facts } from '../../core/instance/facts.ts'
import type { NewestInstalled } from '../../core/trust/decide.ts'
import type { TrustFile } from '../../core/trust/trust-file.ts'
import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'

/** The signatures that an invocation uses: see `CodeTrust.takePlan`. */
export interface PlanUse {
  readonly key: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** What the check needs to know of the instance. */
export interface CheckContext {
  readonly file: TrustFile
  /** Milliseconds since 1970. */
  readonly now: number
  /** Version of the running agent. */
  readonly agentVersion: string
  readonly os: Facts['os']
  readonly instanceId: string
  readonly readNewest: (extension: string) => NewestInstalled | undefined
}

/** `plan`: approvers signed it, for one invocation that succeeds. */
export type Checked =
  | { readonly invocation: InvocationMessage; readonly plan?: PlanUse | undefined }
  | { readonly refusal: TrustRefusal }
