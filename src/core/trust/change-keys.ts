/**
 * Changes of the keys in a trust file, each with the next version number: the result is a successor
 * that root keys have to sign.
 */
import type { ApproverRule, PublisherRole, TrustRole } from './trust-file.ts'
import type { TrustRoleName } from './trust-refusal.ts'

/** A trust file as it is written. */
export interface WrittenTrustFile {
  readonly format: 'chandler-trust-1'
  readonly version: number
  readonly expires: string
  /** Lines as in `authorized_keys`, by name. */
  readonly keys: Readonly<Record<string, string>>
  readonly root: TrustRole
  readonly publishers: readonly PublisherRole[]
  readonly release?: TrustRole | undefined
  readonly approvers?: ApproverRule | undefined
}

/** Why keys cannot be changed like this: a sentence without a full stop. */
export class KeyChangeRefused extends Error {
  override readonly name = 'KeyChangeRefused'
}

/** Adds a key, and gives it roles. @throws KeyChangeRefused */
export function addKey(
  file: WrittenTrustFile,
  key: { readonly name: string; readonly line: string },
  roles: readonly TrustRoleName[],
  extensions: readonly string[],
): WrittenTrustFile {
  const { name, line } = key
  if (Object.hasOwn(file.keys, name))
    throw new KeyChangeRefused(`the trust file has a key ${name} already; replace it with \`chandler key rotate\``)
  if (roles.length === 0) throw new KeyChangeRefused('the key needs a role')
  const join = <Role extends TrustRole>(role: Role): Role => ({ ...role, keys: [...role.keys, name] })
  let next: WrittenTrustFile = { ...file, version: file.version + 1, keys: { ...file.keys, [name]: line } }
  for (const role of new Set(roles))
    switch (role) {
      case 'root':
        next = { ...next, root: join(next.root) }
        break
      case 'release':
        next = { ...next, release: join(next.release ?? { keys: [], threshold: 1 }) }
        break
      case 'approver':
        next = { ...next, approvers: join(next.approvers ?? { keys: [], threshold: 1 }) }
        break
      case 'publisher':
        next = { ...next, publishers: joinPublishers(next.publishers, extensions, join, name) }
        break
      default:
        role satisfies never
    }
  return next
}

/** The key joins the entry for the same extensions; without one it gets an entry of its own. */
function joinPublishers(
  publishers: readonly PublisherRole[],
  extensions: readonly string[],
  join: (role: PublisherRole) => PublisherRole,
  name: string,
): readonly PublisherRole[] {
  if (extensions.length === 0)
    throw new KeyChangeRefused('a publisher needs the names of the extensions that the key may sign')
  const wanted = extensions.toSorted().join(' ')
  const place = publishers.findIndex((role) => role.extensions.toSorted().join(' ') === wanted)
  return place < 0
    ? [...publishers, { extensions, keys: [name], threshold: 1 }]
    : publishers.map((role, index) => (index === place ? join(role) : role))
}

/** Replaces a key in all its roles; the name stays. @throws KeyChangeRefused */
export function rotateKey(file: WrittenTrustFile, name: string, line: string): WrittenTrustFile {
  requireKey(file, name)
  return { ...file, version: file.version + 1, keys: { ...file.keys, [name]: line } }
}

/**
 * Removes a key from all its roles. A role of publishers or the release key without keys is removed;
 * a rule that protects something is not.
 * @throws KeyChangeRefused
 */
export function revokeKey(file: WrittenTrustFile, name: string): WrittenTrustFile {
  requireKey(file, name)
  const leave = <Role extends TrustRole>(role: Role): Role => ({
    ...role,
    keys: role.keys.filter((one) => one !== name),
  })
  const { [name]: _, ...keys } = file.keys
  const { release, approvers, ...rest } = file
  const left = { release: release && leave(release), approvers: approvers && leave(approvers) }
  const next: WrittenTrustFile = {
    ...rest,
    version: file.version + 1,
    keys,
    root: leave(file.root),
    publishers: file.publishers.map(leave).filter((role) => role.keys.length > 0),
    ...(left.release && left.release.keys.length > 0 && { release: left.release }),
    ...(left.approvers && { approvers: left.approvers }),
  }
  for (const [title, role] of [
    ['root', next.root],
    ['approvers', next.approvers],
    ['release', next.release],
    ...next.publishers.map((one) => [`publishers of ${one.extensions.join(', ')}`, one] as const),
  ] as const)
    if (role && role.keys.length < role.threshold)
      throw new KeyChangeRefused(
        `${title} would need ${role.threshold} signatures and have ${role.keys.length} keys; add another key first, or lower the threshold in the file`,
      )
  return next
}

function requireKey({ keys }: WrittenTrustFile, name: string): void {
  if (!Object.hasOwn(keys, name))
    throw new KeyChangeRefused(`the trust file has no key ${name}; its keys are ${Object.keys(keys).join(', ')}`)
}

/** The roles of a key, such as `publisher of demo, web-*`. */
export function listRoles(
  { root, publishers, release, approvers }: Omit<WrittenTrustFile, 'format'>,
  name: string,
): string[] {
  const has = (role: TrustRole | undefined) => role?.keys.includes(name) === true
  const ofRule = approvers?.operations ? `approver of ${approvers.operations.join(', ')}` : 'approver'
  return [
    ...(has(root) ? ['root'] : []),
    ...publishers.filter(has).map(({ extensions }) => `publisher of ${extensions.join(', ')}`),
    ...(has(release) ? ['release'] : []),
    ...(has(approvers) ? [ofRule] : []),
  ]
}
