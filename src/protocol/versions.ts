/**
 * Versions of the agent protocol, newest last. A server speaks all of these; an agent says the one it speaks.
 * Values that travel are never renumbered or reused; a change that an older peer would misread gets a new line.
 */
export const agentProtocolVersions = [
  {
    version: 1,
    since: '2026-11-22',
    changed: 'first version: challenge, hello, nudge, fetch, invocations, cancel, report, ack',
  },
  {
    version: 2,
    since: '2026-11-26',
    changed: 'invocations say what scripts may name between braces: types of declared parameters, and built-ins',
  },
] as const

export const agentProtocolVersion = agentProtocolVersions.at(-1)!.version
