/**
 * Whether an instance runs something: decided from its trust file and from signatures that were
 * verified over the exact bytes. Pure; the server has no say in it.
 */

import { matchWildcard } from '../access/match-wildcard.ts'
import { showVersion } from '../extension/extension.ts'
import { compareAgentVersions } from '../instance/agent-program.ts'
import type { SignatureNamespace } from './namespaces.ts'
import type { PublisherRole, Signer, TrustFile, TrustRole } from './trust-file.ts'
import type { SignedSubject, TrustRefusal, TrustRoleName, TrustUpdateFault } from './trust-refusal.ts'

/** Facts that every decision starts from. */
export interface TrustFacts {
  readonly file: TrustFile
  /** Milliseconds since 1970, by the clock of the instance. */
  readonly now: number
  readonly signers: readonly Signer[]
}

/** The newest version of an extension that the instance has had. */
export interface NewestInstalled {
  readonly version: number
  /** Of its canonical bytes. */
  readonly sha256: string
}

/**
 * Whether a version may be installed: its publisher signed it, and it is not older than one that the
 * instance has had, unless the publisher consents. Another version with the number of the newest one
 * counts as older. Undefined: it may.
 */
export function decideVersion(
  facts: TrustFacts,
  version: { readonly extension: string; readonly version: number; readonly sha256: string },
  newest: NewestInstalled | undefined,
): TrustRefusal | undefined {
  const expired = findExpiry(facts)
  if (expired) return expired
  const publishers = facts.file.publishers.filter(({ extensions }) =>
    extensions.some((pattern) => matchWildcard(pattern, version.extension)),
  )
  const name = `${version.extension} ${showVersion(version.version)}`
  const unsigned = requirePublisher(facts, publishers, 'version', name)
  if (unsigned) return unsigned
  const isOlder =
    newest !== undefined &&
    (version.version < newest.version || (version.version === newest.version && version.sha256 !== newest.sha256))
  return isOlder ? requirePublisher(facts, publishers, 'rollback', name) : undefined
}

/** Whether an agent may replace the one that runs. Undefined: it may. */
export function decideAgent(
  facts: TrustFacts,
  agent: { readonly version: string },
  running: string,
): TrustRefusal | undefined {
  const expired = findExpiry(facts)
  if (expired) return expired
  const { version: name } = agent
  const unsigned = requireRole(facts, facts.file.release, { subject: 'agent', name, role: 'release' })
  if (unsigned || compareAgentVersions(name, running) >= 0) return unsigned
  return requireRole(facts, facts.file.release, { subject: 'agentRollback', name, role: 'release' })
}

/** What no publisher signs takes the consent of approvers; without an approver rule it never runs. */
export function decideUnsigned(facts: Omit<TrustFacts, 'signers'>, subject: 'command' | 'osPackages'): TrustRefusal {
  const unsigned = { ...facts, signers: [] }
  return findExpiry(unsigned) ?? missingOf(unsigned, undefined, { subject, name: '', role: 'approver' })
}

/**
 * Whether a trust file replaces the present one: the root keys of both signed it, its version is
 * higher, and it has not expired. The present one may have expired. Undefined: it does.
 */
export function decideTrustUpdate(
  { file: present, now, signers }: TrustFacts,
  successor: TrustFile,
): TrustUpdateFault | undefined {
  if (successor.version <= present.version)
    return { kind: 'notNewer', version: successor.version, present: present.version }
  for (const [by, file] of [
    ['present', present],
    ['successor', successor],
  ] as const) {
    const valid = countSigners({ file, now, signers }, file.root, 'chandler-trust')
    const { keys, threshold } = file.root
    if (valid < threshold) return { kind: 'unsigned', by, valid, threshold, keys }
  }
  return successor.expiresAt <= now ? { kind: 'expired', expired: successor.expires } : undefined
}

const namespaceOf: Record<SignedSubject, SignatureNamespace | undefined> = {
  version: 'chandler-version',
  rollback: 'chandler-rollback',
  agent: 'chandler-agent',
  agentRollback: 'chandler-rollback',
  command: undefined,
  osPackages: undefined,
  plan: 'chandler-plan',
}

interface Requirement {
  readonly subject: SignedSubject
  readonly name: string
  readonly role: TrustRoleName
}

export function findExpiry({ file: { version, expires, expiresAt }, now }: TrustFacts): TrustRefusal | undefined {
  if (now < expiresAt) return undefined
  return { code: 'TrustFileExpired', arguments: { trustVersion: version, expired: expires } }
}

/** One of several roles suffices; the refusal speaks of the one that lacks least. */
function requirePublisher(
  facts: TrustFacts,
  publishers: readonly PublisherRole[],
  subject: 'version' | 'rollback',
  name: string,
): TrustRefusal | undefined {
  const requirement = { subject, name, role: 'publisher' } as const
  const lacks = publishers.map((role) => ({
    role,
    count: role.threshold - countSigners(facts, role, namespaceOf[subject]),
  }))
  if (lacks.some(({ count }) => count <= 0)) return undefined
  const [nearest] = lacks.toSorted((a, b) => a.count - b.count)
  return missingOf(facts, nearest?.role, requirement)
}

/** Whether enough keys of a role signed; undefined: they did. */
export function requireRole(
  facts: TrustFacts,
  role: TrustRole | undefined,
  requirement: Requirement,
): TrustRefusal | undefined {
  if (role && countSigners(facts, role, namespaceOf[requirement.subject]) >= role.threshold) return undefined
  return missingOf(facts, role, requirement)
}

function missingOf(facts: TrustFacts, role: TrustRole | undefined, requirement: Requirement): TrustRefusal {
  const { keys = [], threshold = 1 } = role ?? {}
  const namespace = namespaceOf[requirement.subject]
  const counting = new Set(keys.map((key) => facts.file.keys[key]))
  const others = facts.signers.filter((one) => one.namespace === namespace && !counting.has(one.publicKey))
  return {
    code: 'SignaturesMissing',
    arguments: {
      ...requirement,
      valid: role ? countSigners(facts, role, namespace) : 0,
      threshold,
      keys: keys.slice(0, maxListed),
      others: others.map(({ fingerprint }) => fingerprint).slice(0, maxListed),
    },
  }
}

/** A reason is a line: more names than this are no help. */
const maxListed = 8

/** The number of different keys of a role that signed; two names of one key count once. */
function countSigners({ file, signers }: TrustFacts, role: TrustRole, namespace: string | undefined): number {
  const keys = new Set(role.keys.map((name) => file.keys[name]))
  return new Set(
    signers.filter((one) => one.namespace === namespace && keys.has(one.publicKey)).map((one) => one.publicKey),
  ).size
}
