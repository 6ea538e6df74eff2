/** One change that brings the server to what a file describes. */
export interface FleetChange {
  readonly kind: FleetKind
  readonly name: string
  readonly action: 'create' | 'update' | 'delete'
  /** What differs; for an update only. */
  readonly fields: readonly FieldChange[]
}

export interface FieldChange {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/**
 * In the order in which they are created, so that a freeze or a webhook precedes what starts work;
 * they are deleted in reverse.
 */
export const fleetKinds = [
  'policy',
  'freeze',
  'webhook',
  'channel',
  'group',
  'values',
  'assignment',
  'schedule',
] as const
export type FleetKind = (typeof fleetKinds)[number]

/** The fields of an object by its name; absent fields have no value. */
export type FleetObjects = Readonly<Record<string, Readonly<Record<string, unknown>>>>
export type Fleet = { readonly [Kind in FleetKind]?: FleetObjects | undefined }

/**
 * What has to change so that the actual objects are the desired ones. Kinds that the desired fleet
 * does not contain are left alone; applying the changes and planning again gives none.
 * @param prune delete objects that the desired fleet does not name, of the kinds that it contains
 */
export function planFleet(
  desired: Fleet,
  actual: Required<Fleet>,
  { prune }: { readonly prune: boolean },
): readonly FleetChange[] {
  const written = fleetKinds.flatMap((kind) => planKind(kind, desired[kind] ?? {}, actual[kind] ?? {}))
  const deleted = prune
    ? fleetKinds.toReversed().flatMap((kind) => planDeletions(kind, desired[kind], actual[kind]))
    : []
  // What is not wanted may contradict what is: it goes first, except where it is still referred to.
  return [...written, ...deleted]
}

function planKind(kind: FleetKind, desired: FleetObjects, actual: FleetObjects): FleetChange[] {
  return Object.entries(desired).flatMap(([name, wanted]): FleetChange[] => {
    const has = Object.hasOwn(actual, name) ? actual[name] : undefined
    if (has === undefined) return [{ kind, name, action: 'create', fields: [] }]
    const fields = compareFields(has, wanted)
    return fields.length === 0 ? [] : [{ kind, name, action: 'update', fields }]
  })
}

function planDeletions(kind: FleetKind, desired: FleetObjects | undefined, actual: FleetObjects = {}): FleetChange[] {
  if (desired === undefined) return []
  return Object.keys(actual)
    .filter((name) => !Object.hasOwn(desired, name))
    .map((name) => ({ kind, name, action: 'delete', fields: [] }))
}

/** The fields that differ, by name. */
function compareFields(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): readonly FieldChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted()
  return names.flatMap((field) => (isSame(from[field], to[field]) ? [] : [{ field, from: from[field], to: to[field] }]))
}

/** Fields of objects may be in any order; an absent field is one without a value. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]))
}
