/**
 * Versions of the agent protocol, newest last. Server and agent speak all of these and use the newest that both know: the challenge names
 * the server's, the hello names the one that is used. Values that travel are never renumbered or reused; a change that an older peer would
 * misread gets a new line. Fields that a peer does not know are ignored.
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
  {
    version: 3,
    since: '2026-11-30',
    changed:
      'the challenge names the newest version of the server; hello carries states of open invocations and installed records, in pages where they are many; welcome answers what is cancelled, over or wanted; state waiting, end unknown, artifact addresses on request; hello carries the fingerprint of the machine and the run of the process; renewKey; refused says when to try again',
  },
] as const

export const agentProtocolVersion = agentProtocolVersions.at(-1)!.version

/** A server whose challenge names no version speaks this one; it ends a connection on fields that it does not know. */
export const namelessVersion = 2

/** From here on peers reconcile what they know at hello. */
export const reconcilingVersion = 3
