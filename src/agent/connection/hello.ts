import type { Fingerprint } from '../../core/instance/agent-identity.ts'
import type { Logger } from '../../lib/logger.ts'
import type { AgentMessage } from '../../protocol/agent-messages.ts'
import { helloProof } from '../../protocol/agent-protocol.ts'
import { reconcilingVersion } from '../../protocol/versions.ts'
import type { WireFacts } from '../facts/fit-facts.ts'
import type { Worker } from '../invocation/worker.ts'
import { type InventoryPage, pageInventory } from './inventory.ts'

/** Identity of an agent, and the content of every hello. */
export interface Greeter {
  readonly instanceId: string
  /** ed25519 signature of the text in base64. */
  readonly sign: (text: string) => string
  /** Of this machine. */
  readonly fingerprint?: Fingerprint
  /** A random value of this process, 32 hexadecimal digits. */
  readonly run: string
  readonly facts: () => WireFacts
  readonly worker: Worker
  readonly log: Logger
}

/** The limit of a hello before version 3. */
const maxOpenBeforePages = 1_000

/**
 * The agent's answer to a challenge: identity and inventory.
 * @param version of the protocol that both sides use
 * @returns `pages`: the pages of the inventory that follow the welcome
 */
export function makeHello(
  { instanceId, sign, facts, fingerprint, run, worker, log }: Greeter,
  nonce: string,
  version: number,
): { hello: Extract<AgentMessage, { type: 'hello' }>; pages: InventoryPage[] } {
  const [first, ...rest] = pageInventory({ open: worker.open(), installed: worker.installed() })
  const reconciles = version >= reconcilingVersion
  if (!reconciles && first.open.length > maxOpenBeforePages)
    log.error(
      `the journal holds ${first.open.length} open invocations; this server takes no more than ${maxOpenBeforePages}`,
    )
  return {
    hello: {
      type: 'hello',
      protocolVersion: version,
      instanceId,
      signature: sign(helloProof(instanceId, nonce)),
      facts: facts(),
      ...(reconciles && fingerprint && { fingerprint }),
      ...(reconciles && { run }),
      ...(reconciles ? first : { open: first.open.slice(0, maxOpenBeforePages).map(({ id }) => id) }),
    },
    pages: reconciles ? rest : [],
  }
}
