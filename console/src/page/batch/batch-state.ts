import { batchPauses, executionModes } from '../../../../src/core/execution/rate-control.ts'
import { actions, type ParameterValue } from '../../../../src/core/extension/extension.ts'
import { planSteps } from '../../../../src/core/plan/plan.ts'
import {
  choiceParameter,
  jsonParameter,
  listParameter,
  textParameter,
  type UrlParameter,
  type UrlState,
} from '../../url/use-url-state.ts'

/** An address holds no more ids, and nobody ticks more. */
export const maxChosen = 1_000

/** The ways to say which instances are meant. */
export const targetKinds = ['pick', 'tags', 'group', 'filter', 'list', 'all'] as const
export type TargetKind = (typeof targetKinds)[number]

/** A row of the tags that instances must have; either half may still be missing. */
export interface TagRow {
  readonly key: string
  readonly value: string
}

const escape = (text: string) => text.replaceAll(/[\\,=]/g, '\\$&')

/** `env=prod,tier=a`, as a selector has it after `tag:`; `\` takes the letter after it as it is. */
const tagsParameter: UrlParameter<readonly TagRow[]> = {
  initial: [],
  render: (rows) =>
    rows.length === 0 ? undefined : rows.map(({ key, value }) => `${escape(key)}=${escape(value)}`).join(','),
  parse(text) {
    const rows = [{ key: '', value: '' }]
    let half: 'key' | 'value' = 'key'
    for (const [piece] of text.matchAll(/\\[^]|[^]/gu)) {
      const row = rows.at(-1)
      if (!row) return undefined
      if (piece === ',') {
        rows.push({ key: '', value: '' })
        half = 'key'
      } else if (piece === '=' && half === 'key') half = 'value'
      else row[half] += piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece
    }
    return rows
  },
}

/** What can be switched on; each is a field of the request. */
export const batchOptions = ['reinstall', 'allowRemovals', 'skipOffline', 'strict'] as const
export type BatchOption = (typeof batchOptions)[number]

const optionsParameter: UrlParameter<readonly BatchOption[]> = {
  initial: [],
  render: (options) => (options.length === 0 ? undefined : options.join(',')),
  parse: (text) => batchOptions.filter((option) => text.split(',').includes(option)),
}

/** Values that are not secret, as text, by name. */
export type ParameterTexts = Readonly<Record<string, string>>

function checkTexts(value: unknown): ParameterTexts | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value as Record<string, ParameterValue>)
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]))
}

/**
 * What of a batch stands in the address: everything but secrets, long lists and the description. Other pages link here with what they know:
 * `/batch?action=install&extension=demo&version=v2&instances=i-1,i-2`.
 */
export const batchPageSchema = {
  action: choiceParameter(actions, 'install'),
  extension: textParameter(),
  /** Empty: the newest that is not deprecated. */
  version: textParameter(),
  parameters: jsonParameter<ParameterTexts>({}, checkTexts),
  /** What is not given has the default of the version, not the value that an instance has. */
  values: choiceParameter(['keep', 'reset'], 'keep'),
  by: choiceParameter(targetKinds, 'pick'),
  instances: listParameter(),
  tags: tagsParameter,
  group: textParameter(),
  /** Conditions as text; see core/instance/instance-filter.ts. */
  filter: textParameter(),
  options: optionsParameter,
  control: choiceParameter(['Concurrency', 'Batch'], 'Concurrency'),
  concurrency: textParameter('10'),
  batches: textParameter('1, 10%, 50%'),
  batchConcurrency: textParameter('20'),
  errors: textParameter('0'),
  pause: choiceParameter(batchPauses, 'Automatic'),
  mode: choiceParameter(executionModes, 'Automatic'),
  step: choiceParameter(['form', 'confirm'], 'form'),
  /** What the table of instances to choose from is searched for. */
  find: textParameter(),
  /** What the plan is searched for: another table, which begins with all of its rows. */
  findPlanned: textParameter(),
  /** An execution to begin from: it is read once, and what it did takes its place. */
  again: textParameter(),
  /** The step of the plan whose instances are shown. */
  show: choiceParameter(['changes', 'all', ...planSteps], 'changes'),
}
export type BatchPageState = UrlState<typeof batchPageSchema>

/** Parameters that are left empty keep the values that each instance has. */
export const keepsValues = ({ action, values }: Pick<BatchPageState, 'action' | 'values'>): boolean =>
  action === 'update' && values === 'keep'

/** What a person has typed that must not stand in the address, or is too long for it. */
export interface UnsharedInput {
  /** Values of noEcho parameters, as text. */
  readonly secrets: ParameterTexts
  /** A list of ids or names, or the text of a CSV file. */
  readonly list: string
  readonly description: string
}
export const emptyUnshared: UnsharedInput = { secrets: {}, list: '', description: '' }

/** The options that the action takes: nothing is installed again where it is removed. */
export const optionsOf = ({ action, options }: Pick<BatchPageState, 'action' | 'options'>): readonly BatchOption[] =>
  options.filter((option) => action !== 'uninstall' || option !== 'reinstall')
