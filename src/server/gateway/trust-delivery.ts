import type { ServerMessage } from '../../protocol/agent-messages.ts'
import type { Work } from '../app/agent/hand-out-invocations.ts'
import type { NewTrustFile } from '../app/trust/trust-files.ts'

/** The work of an instance, and the successor of its trust file. */
export type WorkWithTrust = Work & { readonly trustFile?: NewTrustFile | undefined }

/** The trust file of the agent of one connection, and the successor that it was sent. */
export class TrustDelivery {
  /** Of the file that the agent has; undefined: it has none, and gets none. */
  version: number | undefined
  #sent = 0

  /** Once on a connection: an agent that refuses it says so in its log, and keeps its own. */
  deliver(file: NewTrustFile | undefined, send: (message: ServerMessage) => void): void {
    if (!file || file.version <= this.#sent) return
    this.#sent = file.version
    send({ type: 'trustFile', content: file.content, signatures: [...file.signatures] })
  }
}
