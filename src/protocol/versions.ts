/**
 * Versions of the agent protocol, newest last. Server and agent support all of these and use the
 * newest common one: the challenge names the server's, the hello names the one in use. Values on
 * the wire are never renumbered or reused; a change that an older peer would misread gets a new
 * line. Peers ignore unknown fields.
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
  {
    version: 4,
    since: '2026-11-30',
    changed:
      'invocations say whether the agent may reboot the machine, and how long that may take; state rebooting, the number of reboots in states, and the reason codes RebootRequired and RebootFailed',
  },
  {
    version: 5,
    since: '2026-11-30',
    changed:
      'the run options of a configuration may have a signature policy; facts may name the relatives of a platform',
  },
] as const

export const agentProtocolVersion = agentProtocolVersions.at(-1)!.version

/** The version of a server whose challenge names none; it closes a connection on unknown fields. */
export const namelessVersion = 2

/** From this version on, peers reconcile their state at hello. */
export const reconcilingVersion = 3

/** From this version on, agents report reboots. */
export const rebootingVersion = 4

/** From this version on, agents apply signature policies; earlier ones refuse the unknown field. */
export const signatureVersion = 5
