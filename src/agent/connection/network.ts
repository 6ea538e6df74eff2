import type { Agent } from 'node:http'
import { describeTlsError } from '../../core/tls/describe-tls-error.ts'

/** How the agent reaches servers: trusted CAs and proxies. */
export interface Network {
  /** For requests to this URL; undefined: the default of Node.js. */
  agentFor(url: URL): Agent | undefined
  /** Why a connection failed, as a clause. */
  explain(error: NodeJS.ErrnoException, url: URL): string
}

export const howAgentsPin = 'run the join command of the server again, or start the agent with --ca-sha256'

/** Without proxies, and with the CAs of Node.js. */
export const directNetwork: Network = {
  agentFor: () => undefined,
  explain: ({ code, message }, url) =>
    describeTlsError({ code, message, url, clock: new Date().toISOString(), trust: 'system', howToPin: howAgentsPin }),
}
