import { scriptKinds } from '../../../../../src/core/extension/extension.ts'
import { checkFieldOf } from './check-fields.ts'

/** What is wrong, as the server says it. */
export interface PlacedProblem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** Something is not written yet: not to be complained about before the step is to be left. */
  readonly isMissing?: boolean | undefined
}

type Path = readonly (string | number)[]

const parameterFields = [
  'name',
  'type',
  'description',
  'default',
  'allowedValues',
  'pattern',
  'min',
  'max',
  'minLength',
  'maxLength',
  'noEcho',
  'actions',
]
const runFields = ['runAs', 'workDir', 'timeoutMs', 'unpack', 'keepWorkspace', 'allowRemovals']
const basicFields = ['name', 'type', 'description', 'versionDescription']

/**
 * Where the form shows a problem: the field that the path names or, if none does, the nearest thing around it. Every problem has a place.
 * Parameters are named in a request and numbered in the form.
 */
export function placeOf(path: Path, parameterNames: readonly string[]): string {
  const [first, second, ...rest] = path
  switch (first) {
    case 'scope':
      return second === undefined ? 'scope' : ['scope', ...placeInScope(second, rest)].join('.')
    case 'parameters': {
      const index = parameterNames.indexOf(String(second))
      if (index < 0) return 'parameters'
      return `parameters.${index}.${parameterFields.includes(String(rest[0])) ? String(rest[0]) : 'name'}`
    }
    case 'configurations':
      return typeof second === 'number' ? placeInConfiguration(second, rest) : 'configurations'
    case undefined:
    default:
      return basicFields.includes(String(first)) ? String(first) : 'basic'
  }
}

const placeInScope = (field: string | number, rest: Path): Path =>
  field === 'platforms' ? placeInPlatforms(rest) : [field]

/** A platform has two fields; what is wrong with all of it stands at its name. */
const placeInPlatforms = ([index, field]: Path): Path =>
  typeof index === 'number' ? ['platforms', index, field === 'versions' ? 'versions' : 'id'] : ['platforms']

function placeInConfiguration(index: number, path: Path): string {
  const [field, part] = path
  const at = (...more: Path) => ['configurations', index, ...more].join('.')
  switch (field) {
    case 'os':
    case 'arch':
    case 'artifact':
      return at(field)
    case 'platforms':
      return at(...placeInPlatforms(path.slice(1)))
    case 'scripts':
      return scriptKinds.some((kind) => kind === part) ? at('scripts', String(part)) : at('scripts')
    case 'verify':
      return typeof part === 'number' ? at('verify', part, checkFieldOf(String(path[2]))) : at('verify')
    case 'run':
      return runFields.includes(String(part)) ? at('run', String(part)) : at()
    case undefined:
    default:
      return at()
  }
}

export const wizardSteps = ['basic', 'configurations', 'review'] as const
export type WizardStep = (typeof wizardSteps)[number]

/** The step that shows a place. */
export const stepOf = (place: string): WizardStep => (/^configurations(\.|$)/.test(place) ? 'configurations' : 'basic')

/** Problems by their places, those of the server and those of the form. */
export function gatherProblems(
  problems: readonly (PlacedProblem & { readonly path: Path })[],
  parameterNames: readonly string[],
  own: readonly (PlacedProblem & { readonly place: string })[],
): ReadonlyMap<string, readonly PlacedProblem[]> {
  const found = new Map<string, PlacedProblem[]>()
  const add = (place: string, problem: PlacedProblem) => {
    const there = found.get(place) ?? []
    // What the form says itself is said in the reader's language, and once.
    if (there.length === 0 || problem.line !== undefined || !ownPlaces.has(place)) found.set(place, [...there, problem])
  }
  const ownPlaces = new Set(own.filter(({ severity }) => severity === 'error').map(({ place }) => place))
  for (const { place, ...problem } of own) add(place, problem)
  for (const { path, ...problem } of problems) add(placeOf(path, parameterNames), problem)
  return found
}
