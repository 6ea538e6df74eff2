/** A package in a script's list. */
export interface ListedPackage {
  readonly name: string
  readonly version: string
  /** `ii`: installed and configured; any other status is incomplete. */
  readonly state: string
}

/**
 * Parses lines of state, name and version, in any order; omits packages that are not installed at
 * all.
 */
export function parsePackages(text: string): ListedPackage[] {
  const packages: ListedPackage[] = []
  for (const line of text.split('\n')) {
    const [state = '', name, version = ''] = line.trim().split(/\s+/)
    if (name && !/^.[nc]/.test(state)) packages.push({ state, name, version })
  }
  return packages
}

/** Complete: dpkg marks it as wanted or held, and as installed without an error. */
export const isWhole = ({ state }: Pick<ListedPackage, 'state'>) => /^[a-z]i$/.test(state)

/** One sentence about the changes of a package manager; `unchanged` if there are none. */
export function describePackageChanges(
  before: readonly ListedPackage[],
  after: readonly ListedPackage[],
): { unchanged: boolean; said: string } {
  const parts = listPackageChanges(before.filter(isWhole), after.filter(isWhole))
  if (parts.length === 0) return { unchanged: true, said: 'There was nothing to do.' }
  const text = parts.join('; ')
  return { unchanged: false, said: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.` }
}

/** Such as `installed b 2, c 1` and `removed a 1`. */
export function listPackageChanges(before: readonly ListedPackage[], after: readonly ListedPackage[]): string[] {
  const [was, is] = [groupVersions(before), groupVersions(after)]
  const gone = findMissing(was, is)
  const come = findMissing(is, was)
  const installed = [...come].filter(([name]) => !gone.has(name)).map(([name, version]) => `${name} ${version}`)
  const removed = [...gone].filter(([name]) => !come.has(name)).map(([name, version]) => `${name} ${version}`)
  const updated = [...come].flatMap(([name, version]) =>
    gone.has(name) ? [`${name} from ${gone.get(name)} to ${version}`] : [],
  )
  return [say('installed', installed), say('updated', updated), say('removed', removed)].filter(Boolean)
}

/** Versions by name; several of one name (kernels) together. */
function groupVersions(packages: readonly ListedPackage[]): Map<string, string> {
  const versions = new Map<string, string[]>()
  for (const { name, version } of packages) versions.set(name, [...(versions.get(name) ?? []), version])
  return new Map([...versions].map(([name, list]) => [name, list.toSorted().join(' and ')]))
}

const findMissing = (here: ReadonlyMap<string, string>, there: ReadonlyMap<string, string>) =>
  new Map([...here].filter(([name, version]) => there.get(name) !== version).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Maximum number of names in a sentence. */
const maxNamed = 10

function say(verb: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  return `${verb} ${nameSome(items)}`
}

/** `a, b and 3 more`. */
export function nameSome(items: readonly string[]): string {
  const more = items.length > maxNamed ? ` and ${items.length - maxNamed} more` : ''
  return `${items.slice(0, maxNamed).join(', ')}${more}`
}
