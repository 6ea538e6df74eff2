import type { ParameterType } from '../../../../../src/core/extension/extension.ts'
import { coerceParameter } from '../../../../../src/core/extension/parameter.ts'
import { normalizeArch } from '../../../../../src/core/instance/arch.ts'
import { findCheckProblems } from './check-fields.ts'
import { parseLines, parseNumber } from './render-request.ts'
import type { ParameterDraft, PlatformDraft, WizardConfiguration, WizardDraft } from './wizard-draft.ts'

/** Problems of a draft that its request cannot represent. For `place`, see place-problems.ts. */
export interface DraftProblem {
  readonly place: string
  readonly reason: DraftProblemReason
}
export type DraftProblemReason =
  | 'nameMissing'
  | 'parameterNameMissing'
  | 'platformMissing'
  | 'parameterNameTwice'
  | 'notANumber'
  | 'notOfType'
  | 'uploadUnfinished'
  | 'otherArchitecture'
  | 'checkMissing'

export const findDraftProblems = (draft: WizardDraft): DraftProblem[] => [
  ...(draft.name.trim() === '' ? [{ place: 'name', reason: 'nameMissing' as const }] : []),
  ...findPlatformProblems('scope', draft.platforms),
  ...draft.parameters.flatMap((parameter, index) => findParameterProblems(parameter, index, draft.parameters)),
  ...draft.configurations.flatMap(findConfigurationProblems),
]

/** Incomplete input: not an error until the user continues. */
export const isMissing = ({ reason }: DraftProblem) =>
  ['nameMissing', 'parameterNameMissing', 'platformMissing', 'uploadUnfinished', 'checkMissing'].includes(reason)

/** Warnings, which block nothing. */
export const isHint = ({ reason }: DraftProblem) => reason === 'otherArchitecture'

const findPlatformProblems = (at: string, platforms: readonly PlatformDraft[]): DraftProblem[] =>
  platforms.flatMap(({ id }, index) =>
    id.trim() === '' ? [{ place: `${at}.platforms.${index}.id`, reason: 'platformMissing' as const }] : [],
  )

function findParameterProblems(
  parameter: ParameterDraft,
  index: number,
  all: readonly ParameterDraft[],
): DraftProblem[] {
  const { name, type, isRequired, defaultText, allowedValues } = parameter
  const problems: DraftProblem[] = []
  const report = (field: string, reason: DraftProblemReason) =>
    problems.push({ place: `parameters.${index}.${field}`, reason })
  if (name === '') report('name', 'parameterNameMissing')
  else if (all.findIndex((other) => other.name === name) < index) report('name', 'parameterNameTwice')
  if (!isRequired && !isOfType(type, defaultText)) report('default', 'notOfType')
  if (type !== 'Boolean' && parseLines(allowedValues).some((line) => !isOfType(type, line)))
    report('allowedValues', 'notOfType')
  const limits = { String: ['minLength', 'maxLength'], Number: ['min', 'max'], Boolean: [] } as const
  for (const field of limits[type]) {
    if (parameter[field].trim() !== '' && parseNumber(parameter[field]) === undefined) report(field, 'notANumber')
  }
  return problems
}

const isOfType = (type: ParameterType, text: string) =>
  'value' in coerceParameter({ type }, type === 'String' ? text : text.trim())

function findConfigurationProblems(configuration: WizardConfiguration, index: number): DraftProblem[] {
  const { artifact, pending, run, arch, verify } = configuration
  const at = `configurations.${index}`
  const packageArch = artifact?.arch
  return [
    ...findPlatformProblems(at, configuration.platforms),
    ...(pending ? [{ place: `${at}.artifact`, reason: 'uploadUnfinished' as const }] : []),
    ...(parseNumber(run.timeoutMinutes) === undefined
      ? [{ place: `${at}.run.timeoutMs`, reason: 'notANumber' as const }]
      : []),
    ...verify.flatMap((check, place) =>
      findCheckProblems(check).map(({ field, reason }) => ({ place: `${at}.verify.${place}.${field}`, reason })),
    ),
    ...(packageArch && packageArch !== 'any' && normalizeArch(arch) !== packageArch
      ? [{ place: `${at}.arch`, reason: 'otherArchitecture' as const }]
      : []),
  ]
}
