import { isWhole, type ListedPackage, listPackageChanges, nameSome } from './package-changes.ts'

/** Results of a script (package-script.ts); undefined if it did not get so far. */
export interface PackageResults {
  readonly before: readonly ListedPackage[] | undefined
  readonly after: readonly ListedPackage[] | undefined
  readonly target: { readonly name: string; readonly version?: string | undefined } | undefined
  readonly refused: string | undefined
  readonly repaired: readonly string[]
  /** Scripts of rpm packages that failed. A manager may succeed nevertheless, and the package may be installed or removed. */
  readonly failedScriptlets?: readonly FailedScriptlet[]
  /** Whether it may have changed packages. */
  readonly acted: boolean
}

export interface FailedScriptlet {
  /** Such as `%post`. */
  readonly script: string
  /** Name, version, release and architecture. */
  readonly package: string
  /** Such as `exit status 7`. */
  readonly end: string
}

export type PackageVerdict =
  /** The package is in the wanted state; `said`: further changes. */
  | { readonly kind: 'done'; readonly said: string | undefined }
  /** `changed`: the state differs from before. `problem`: replaces the manager's own message. */
  | { readonly kind: 'failed'; readonly changed: boolean; readonly problem?: string }

/**
 * Judges what happened to the package of a file by the instance's state before and after, not by
 * the exit code alone. A manager may fail because of another package while this one is fine, and
 * may succeed while this one is missing.
 */
export function judgePackages(
  wanted: 'installed' | 'removed',
  { before = [], after, target, refused, repaired, acted, failedScriptlets = [] }: PackageResults,
  exitCode: number,
): PackageVerdict {
  if (refused !== undefined) return { kind: 'failed', changed: false, problem: describePackageRefusal(wanted, refused) }
  if (!acted && exitCode !== 0) return { kind: 'failed', changed: false }
  if (!after || !target) return exitCode === 0 ? { kind: 'done', said: undefined } : { kind: 'failed', changed: acted }
  const [was, is] = [findPackage(before, target.name), findPackage(after, target.name)]
  const isAsWanted =
    wanted === 'removed' ? is === undefined : is !== undefined && isWhole(is) && is.version === target.version
  const changed = keyOf(before) !== keyOf(after)
  const others = (packages: readonly ListedPackage[]) => packages.filter(({ name }) => !isNamed(name, target.name))
  const scriptlet = failedScriptlets.find((failed) => failed.package.startsWith(`${target.name}-`))
  if (scriptlet && isAsWanted) {
    const said = `The ${scriptlet.script} script of ${target.name} failed (${scriptlet.end}).`
    if (wanted === 'removed') return { kind: 'done', said }
    return {
      kind: 'failed',
      changed,
      problem: `${target.name} ${is?.version ?? ''} is installed, but its ${scriptlet.script} script failed (${scriptlet.end}).`,
    }
  }
  if (exitCode === 0 && !isAsWanted) return { kind: 'failed', changed, problem: describeMissing(wanted, target, is) }
  if (exitCode !== 0) {
    const isOwn = isAsWanted && keyOf(was ? [was] : []) !== keyOf(is ? [is] : [])
    const broken = others(after).filter((one) => !isWhole(one))
    const wasBroken = new Set(before.filter((one) => !isWhole(one)).map(({ name }) => name))
    if (!isOwn || broken.length === 0 || broken.some(({ name }) => !wasBroken.has(name)))
      return { kind: 'failed', changed }
    const names = nameSome(broken.map(({ name }) => name))
    return { kind: 'done', said: `The package manager reported errors of ${names}, which was broken before.` }
  }
  const also = listPackageChanges(others(before).filter(isWhole), others(after).filter(isWhole))
  const said = [
    ...(repaired.length > 0 ? [`The interrupted installation of ${nameSome(repaired)} was completed first.`] : []),
    ...(also.length > 0 ? [`The package manager also ${also.join('; ')}.`] : []),
  ]
  return { kind: 'done', said: said.length > 0 ? said.join(' ') : undefined }
}

/** `libc6` and `libc6:amd64` are the same. */
const isNamed = (listed: string, name: string) => listed === name || listed.startsWith(`${name}:`)

const findPackage = (packages: readonly ListedPackage[], name: string) =>
  packages.find((one) => isNamed(one.name, name))

const keyOf = (packages: readonly ListedPackage[]) =>
  packages
    .map(({ state, name, version }) => `${state} ${name} ${version}`)
    .toSorted()
    .join('\n')

export function describePackageRefusal(wanted: 'installed' | 'removed' | 'changed', refused: string): string {
  const [word, ...rest] = refused.trim().split(/\s+/)
  if (word === 'locked') {
    const [path = 'its lock', ...holder] = rest
    return `Another package manager was at work: ${holder.join(' ') || 'another process'} held ${path} for too long. Nothing was changed; retry when it has ended.`
  }
  if (word === 'present')
    return `${nameSome(rest)} was on the instance before and is not removed; the next operation with packages completes its installation.`
  if (word === 'autoremove') return describeAutoremoveRefusal(rest[0] ?? '')
  if (word === 'signature') return describeSignatureRefusal(rest[0] ?? '', rest[1])
  const does = { installed: 'Installing', removed: 'Removing', changed: 'Changing' }[wanted]
  const what = wanted === 'changed' ? 'these packages' : 'this package'
  return `${does} ${what} would also remove ${nameSome(rest)}. Nothing was changed; allow it with --allow-removals, or with allowRemovals in the version.`
}

/** `by`: the program that would have removed the package, or `interrupted`. */
function describeAutoremoveRefusal(by: string): string {
  const cause =
    by === 'interrupted'
      ? 'The installation of the package was interrupted, so apt cannot determine which dependencies become unneeded.'
      : `There is only ${by} on the instance, which does not record which packages were installed automatically as dependencies.`
  return `${cause} Nothing was changed; uninstall without --autoremove.`
}

/** `key`: its ID or fingerprint, if rpm names it. */
function describeSignatureRefusal(fault: string, key: string | undefined): string {
  const signed = key === undefined ? 'The package is signed' : `The package is signed with the key ${key}`
  const trust =
    "import the publisher's public key on the instance (rpm --import FILE), or create a version with signature: off"
  switch (fault) {
    case 'missing':
      return 'The package is not signed, and the version requires a signature (signature: required). Nothing was changed; sign the package, or create a version with signature: ifSigned.'
    case 'unknown':
      return `${signed}, which is not in the keyring of rpm on the instance. Nothing was changed; ${trust}.`
    case 'untrusted':
      return `${signed}, which rpm does not accept; its output says why. Nothing was changed; renew the key on the instance, or create a version with signature: off.`
    case 'bad':
      return `${signed}, but the signature does not fit its content: it was changed after it was signed. Nothing was changed; use the file of the publisher.`
    case 'corrupted':
      return 'The package is corrupted: its content does not have the digest that it names. Nothing was changed; upload the file again.'
    case 'repositories':
      return `${signed}, which is not in the keyring of rpm on the instance, and the package needs others from repositories. zypper cannot skip the check of one package only. Nothing was changed; import the publisher's public key on the instance (rpm --import FILE), or install the dependencies first.`
    default:
      return 'rpm cannot read the signatures of the package; its output says why. Nothing was changed.'
  }
}

function describeMissing(
  wanted: 'installed' | 'removed',
  target: NonNullable<PackageResults['target']>,
  is: ListedPackage | undefined,
): string {
  const state =
    is === undefined
      ? 'it is not installed'
      : isWhole(is)
        ? `version ${is.version} is installed`
        : `it is half installed (${is.state})`
  const should =
    wanted === 'removed'
      ? `${target.name} should be gone`
      : `${target.name} ${target.version ?? ''} should be installed`
  return `The package manager reported success, but ${should}, and ${state}.`
}
