/** What a package manager has changed, in one sentence; `unchanged` if it is nothing. Lists are lines of a name and a version, in any order. */
export function describePackageChanges(before: string, after: string): { unchanged: boolean; said: string } {
  const [was, is] = [parseLines(before), parseLines(after)]
  const gone = findMissing(was, is)
  const come = findMissing(is, was)
  const installed = [...come].filter(([name]) => !gone.has(name)).map(([name, version]) => `${name} ${version}`)
  const removed = [...gone].filter(([name]) => !come.has(name)).map(([name, version]) => `${name} ${version}`)
  const updated = [...come].flatMap(([name, version]) =>
    gone.has(name) ? [`${name} from ${gone.get(name)} to ${version}`] : [],
  )
  const parts = [say('installed', installed), say('updated', updated), say('removed', removed)].filter(Boolean)
  if (parts.length === 0) return { unchanged: true, said: 'There was nothing to do.' }
  const text = parts.join('; ')
  return { unchanged: false, said: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.` }
}

/** Versions by name; several of one name (kernels) together. */
function parseLines(text: string): Map<string, string> {
  const versions = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [name, version] = line.split(' ')
    if (name && version) versions.set(name, [...(versions.get(name) ?? []), version])
  }
  return new Map([...versions].map(([name, list]) => [name, list.toSorted().join(' and ')]))
}

const findMissing = (here: ReadonlyMap<string, string>, there: ReadonlyMap<string, string>) =>
  new Map([...here].filter(([name, version]) => there.get(name) !== version).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** As many as anybody reads. */
const maxNamed = 10

function say(verb: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  const more = items.length > maxNamed ? ` and ${items.length - maxNamed} more` : ''
  return `${verb} ${items.slice(0, maxNamed).join(', ')}${more}`
}
