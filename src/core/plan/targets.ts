import { groupNamePattern } from '../instance/group.ts'
import type { Instance } from '../instance/instance.ts'
import { parseInstanceFilter } from '../instance/instance-filter.ts'
import { maxInstanceNameLength, maxTagLength, maxTagsPerInstance, maxTargetsPerExecution } from '../limits.ts'

/** The selected instances as a user specifies them; a plan resolves them (design §1, §6). */
export type Targets =
  | { readonly kind: 'all' }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** All tags must match. */
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  /** A resource group. */
  | { readonly kind: 'group'; readonly group: string }
  /** A group of the account; see core/instance/group.ts. */
  | { readonly kind: 'savedGroup'; readonly name: string }
  /** Conditions as text; see instance-filter.ts. */
  | { readonly kind: 'filter'; readonly filter: string }

/** Targets with the conditions of a saved group instead of its name. */
export type ResolvedTargets = Exclude<Targets, { kind: 'savedGroup' }>

/**
 * Targets that the properties below determine; a filter also uses facts, and the store evaluates
 * it.
 */
type PlainTargets = Exclude<ResolvedTargets, { kind: 'filter' }>

/** The fields of an instance that targets use. */
export type TargetInstance = Pick<Instance, 'id' | 'name' | 'tags' | 'resourceGroup'>

const maxGroupLength = 128
const instanceId = /^i-[0-9a-z]{1,64}$/

/**
 * Parses targets from the text of the CLI and API: `all`, `id:i-1,i-2`, `name:a,b`,
 * `tag:k=v[,k2=v2]`, `group:NAME`, `resource-group:NAME` or `filter:CONDITIONS`; or returns the
 * problem. Spaces around entries are ignored; `\` escapes the next character (`\,` in a name). Duplicates count once.
 */
export function parseSelector(text: string): { readonly targets: Targets } | { readonly problem: string } {
  const parsed = parse(text.trimStart())
  const problem = 'problem' in parsed ? parsed.problem : validateTargets(parsed.targets)
  return problem === undefined ? parsed : { problem }
}

/** The text that `parseSelector` parses to these targets. */
export function renderSelector(targets: Targets): string {
  switch (targets.kind) {
    case 'all':
      return 'all'
    case 'ids':
      return `id:${targets.ids.map(escape).join(',')}`
    case 'names':
      return `name:${targets.names.map(escape).join(',')}`
    case 'tags':
      return `tag:${Object.entries(targets.tags)
        .map(([key, value]) => `${escapeKey(key)}=${escape(value)}`)
        .join(',')}`
    case 'group':
      return `resource-group:${escape(targets.group)}`
    case 'savedGroup':
      return `group:${escape(targets.name)}`
    case 'filter':
      return `filter:${targets.filter}`
  }
}

/** Why targets that were not parsed from a selector are invalid (design §11). */
export function validateTargets(targets: Targets): string | undefined {
  switch (targets.kind) {
    case 'all':
      return undefined
    case 'ids': {
      const wrong = targets.ids.find((id) => !instanceId.test(id))
      if (wrong !== undefined) return `"${clip(wrong)}" is not an instance id (i-…)`
      return validateCount('instance id', targets.ids.length)
    }
    case 'names':
      return (
        validateCount('name', targets.names.length) ??
        firstProblem(targets.names, (name) => validateLength('name', name, 1, maxInstanceNameLength))
      )
    case 'tags': {
      const tags = Object.entries(targets.tags)
      if (tags.length === 0) return 'the tags are missing'
      if (tags.length > maxTagsPerInstance)
        return `${tags.length} tags are set; the limit for an instance is ${maxTagsPerInstance}`
      return firstProblem(
        tags,
        ([key, value]) =>
          validateLength('tag key', key, 1, maxTagLength) ?? validateLength('tag value', value, 0, maxTagLength),
      )
    }
    case 'group':
      return validateLength('resource group', targets.group, 1, maxGroupLength)
    case 'savedGroup':
      if (targets.name === '') return 'the name of the group is missing'
      return groupNamePattern.test(targets.name)
        ? undefined
        : `"${clip(targets.name)}" is not the name of a group; a resource group is resource-group:NAME`
    case 'filter': {
      const parsed = parseInstanceFilter(targets.filter)
      if ('problem' in parsed) return `the filter: ${parsed.problem}`
      return parsed.tokens.length === 0 ? 'the filter has no condition; use all for every instance' : undefined
    }
  }
}

/** Whether the targets include an instance. For many instances `findTargets` is faster. */
export const matchTargets = (targets: PlainTargets, instance: TargetInstance): boolean => matcherOf(targets)(instance)

/**
 * The instances that the targets include, in the given order, and the ids or names without an
 * instance.
 */
export function findTargets<I extends TargetInstance>(
  targets: PlainTargets,
  instances: readonly I[],
): { readonly found: I[]; readonly missing: string[] } {
  const found = instances.filter(matcherOf(targets))
  return { found, missing: findMissing(targets, found) }
}

/** The requested ids or names that no instance of a list has. */
export function findMissing(targets: Targets, instances: readonly TargetInstance[]): string[] {
  if (targets.kind !== 'ids' && targets.kind !== 'names') return []
  const present = new Set<string>(instances.map((instance) => (targets.kind === 'ids' ? instance.id : instance.name)))
  return entriesOf(targets).filter((entry) => !present.has(entry))
}

/**
 * Requested names that several instances of a list have, with these instances; a name must be
 * unique.
 */
export function findAmbiguous<I extends TargetInstance>(
  targets: Targets,
  instances: readonly I[],
): { readonly name: string; readonly instances: readonly I[] }[] {
  if (targets.kind !== 'names') return []
  const byName = Map.groupBy(instances, ({ name }) => name)
  return [...byName].flatMap(([name, same]) => (same.length > 1 ? [{ name, instances: same }] : []))
}

function matcherOf(targets: PlainTargets): (instance: TargetInstance) => boolean {
  switch (targets.kind) {
    case 'all':
      return () => true
    case 'ids': {
      const ids = new Set(targets.ids)
      return ({ id }) => ids.has(id)
    }
    case 'names': {
      const names = new Set(targets.names)
      return ({ name }) => names.has(name)
    }
    case 'tags': {
      const wanted = Object.entries(targets.tags)
      return ({ tags }) => wanted.every(([key, value]) => Object.hasOwn(tags, key) && tags[key] === value)
    }
    case 'group':
      return ({ resourceGroup }) => resourceGroup === targets.group
  }
}

const entriesOf = (targets: Extract<Targets, { kind: 'ids' | 'names' }>) =>
  targets.kind === 'ids' ? targets.ids : targets.names

function parse(text: string): { readonly targets: Targets } | { readonly problem: string } {
  if (text.trimEnd() === 'all') return { targets: { kind: 'all' } }
  if (text === '') return { problem: 'it is empty' }
  const colon = text.indexOf(':')
  const kind = (colon < 0 ? text : text.slice(0, colon)).trimEnd()
  const rest = colon < 0 ? '' : text.slice(colon + 1)
  switch (kind) {
    case 'id':
      return { targets: { kind: 'ids', ids: [...new Set(splitList(rest))] } }
    case 'name':
      return { targets: { kind: 'names', names: [...new Set(splitList(rest))] } }
    case 'tag':
      return parseTags(rest)
    case 'group':
    case 'resource-group': {
      const [group = '', ...others] = splitList(rest)
      if (others.length > 0) return { problem: 'only one group is allowed; use \\, for a comma in its name' }
      return { targets: kind === 'group' ? { kind: 'savedGroup', name: group } : { kind: 'group', group } }
    }
    case 'filter':
      return { targets: { kind: 'filter', filter: rest.trim() } }
    case 'all':
      return { problem: '"all" does not accept a value' }
    case 'file':
      return { problem: 'only the CLI reads files with file:PATH; use id:… in the API' }
    default:
      return { problem: `"${clip(kind)}" is not one of all, id, name, tag, group, resource-group, filter` }
  }
}

function parseTags(text: string): { readonly targets: Targets } | { readonly problem: string } {
  const tags = new Map<string, string>()
  for (const entry of splitAt(text, ',')) {
    const [key = '', ...values] = splitAt(entry, '=')
    if (values.length === 0) return { problem: `the tag "${clip(unescape(entry))}" has no value; use KEY=VALUE` }
    const [operator] = /(?<!\\)(?:\\\\)*[!~]$/.test(key.trimEnd()) ? key.trimEnd().slice(-1) : ''
    if (operator !== undefined)
      return { problem: `tag selectors support only =; for ${operator}= use filter:tag:${clip(entry.trim())}` }
    const name = unescape(key)
    const value = unescape(values.join('='))
    if (tags.has(name) && tags.get(name) !== value)
      return { problem: `the tag ${clip(name)} cannot have two values at once` }
    tags.set(name, value)
  }
  return { targets: { kind: 'tags', tags: Object.fromEntries(tags) } }
}

const splitList = (text: string) =>
  splitAt(text, ',')
    .map(unescape)
    .filter((entry) => entry !== '')

/** Splits at separators without a preceding `\`; keeps each `\`. */
function splitAt(text: string, separator: string): string[] {
  const pieces = ['']
  for (const [piece] of text.matchAll(/\\[^]|[^]/gu)) {
    if (piece === separator) pieces.push('')
    else pieces[pieces.length - 1] += piece
  }
  return pieces
}

/** Removes the surrounding spaces and each `\`. */
function unescape(text: string): string {
  let taken = ''
  /** How much of `taken` remains, whatever it ends with. */
  let kept = 0
  for (const [piece] of text.trimStart().matchAll(/\\[^]|[^]/gu)) {
    taken += piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece
    if (piece.startsWith('\\') || piece.trim() !== '') kept = taken.length
  }
  return taken.slice(0, kept)
}

/** Adds `\` before special characters: separators, `\` itself, and spaces at the ends. */
const escape = (text: string) =>
  text.replaceAll(/[\\,]|^\s+|\s+$/g, (found) => [...found].map((letter) => `\\${letter}`).join(''))

/** Before `=`, `!` and `~` these would be operators of a filter. */
const escapeKey = (key: string) => escape(key).replaceAll('=', '\\=').replace(/[!~]$/, '\\$&')

function validateCount(noun: string, count: number): string | undefined {
  if (count === 0) return `the ${noun} is missing`
  return count > maxTargetsPerExecution
    ? `${count} entries are selected; the limit for an execution is ${maxTargetsPerExecution}`
    : undefined
}

function validateLength(noun: string, text: string, min: number, max: number): string | undefined {
  if (text.length < min) return `a ${noun} is empty`
  // Neither databases nor operating systems store these.
  if (text.includes('\0') || !text.isWellFormed())
    return `the ${noun} ${JSON.stringify(clip(text))} contains a NUL or an incomplete character`
  return text.length > max
    ? `the ${noun} "${clip(text)}" has ${text.length} characters; the limit is ${max}`
    : undefined
}

function firstProblem<T>(entries: readonly T[], validate: (entry: T) => string | undefined): string | undefined {
  for (const entry of entries) {
    const problem = validate(entry)
    if (problem !== undefined) return problem
  }
  return undefined
}

const maxShownLength = 64
const clip = (text: string) => (text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text)
