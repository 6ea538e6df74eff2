import type { Suspicion } from './agent-identity.ts'

/** Why an instance is not admitted: codes with arguments, never a sentence. */
export type AdmissionReason = readonly AdmissionMessage[]

type AdmissionMessage = {
  readonly [Code in keyof AdmissionReasonArguments]: {
    readonly code: Code
    readonly arguments: AdmissionReasonArguments[Code]
  }
}[keyof AdmissionReasonArguments]

/** The arguments of each message. `address` is that of the agent; empty: unknown. */
export type AdmissionReasonArguments = Readonly<Record<Suspicion, { readonly address: string }>> & {
  /** Waits for approval. `token` is the id of the join token. */
  readonly JoinedWithToken: { readonly token: string; readonly address: string }
}
