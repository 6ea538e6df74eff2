import { scriptKinds } from '../../../../../src/core/extension/extension.ts'
import { checkFieldOf } from './check-fields.ts'

/** Message of the server. */
export interface PlacedProblem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** Incomplete input: not shown until the user leaves the step. */
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
const runFields = ['runAs', 'workDir', 'timeoutMs', 'unpack', 'keepWorkspace', 'allowRemovals', 'signature']
const basicFields = ['name', 'type', 'description', 'versionDescription']

/**
 * Form place of a problem: the named field, or its closest container. Every problem has a place.
 * Requests identify parameters by name, the form by index.
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

/** A platform has two fields; problems of the platform appear at its ID. */
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

/** The step that contains a place. */
export const stepOf = (place: string): WizardStep => (/^configurations(\.|$)/.test(place) ? 'configurations' : 'basic')

/** Problems of server and form by place. */
export function gatherProblems(
  problems: readonly (PlacedProblem & { readonly path: Path })[],
  parameterNames: readonly string[],
  own: readonly (PlacedProblem & { readonly place: string })[],
): ReadonlyMap<string, readonly PlacedProblem[]> {
  const found = new Map<string, PlacedProblem[]>()
  const add = (place: string, problem: PlacedProblem) => {
    const there = found.get(place) ?? []
    // Problems that the form reports itself are translated; do not repeat them in the words of the
    // server.
    if (there.length === 0 || problem.line !== undefined || !ownPlaces.has(place)) found.set(place, [...there, problem])
  }
  const ownPlaces = new Set(own.filter(({ severity }) => severity === 'error').map(({ place }) => place))
  for (const { place, ...problem } of own) add(place, problem)
  for (const { path, ...problem } of problems) add(placeOf(path, parameterNames), problem)
  return found
}
