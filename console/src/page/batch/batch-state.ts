import { batchPauses, executionModes } from '../../../../src/core/execution/rate-control.ts'
import { type Action, actions, type ParameterValue } from '../../../../src/core/extension/extension.ts'
import { gateFailurePolicies } from '../../../../src/core/gate/gate.ts'
import { planSteps } from '../../../../src/core/plan/plan.ts'
import {
  choiceParameter,
  jsonParameter,
  listParameter,
  textParameter,
  type UrlParameter,
  type UrlState,
} from '../../url/use-url-state.ts'

/** What the page starts: an action on one extension, or an upgrade of agents. */
export const batchActions = [...actions, 'upgradeAgents'] as const
export type BatchAction = (typeof batchActions)[number]

/** Limit of the address length, and of manual selection. */
export const maxChosen = 1_000

/** Ways to select instances. */
export const targetKinds = ['pick', 'tags', 'savedGroup', 'group', 'filter', 'list', 'all'] as const
export type TargetKind = (typeof targetKinds)[number]

/** One row of required tags; key or value may still be empty. */
export interface TagRow {
  readonly key: string
  readonly value: string
}

const escape = (text: string) => text.replaceAll(/[\\,=]/g, '\\$&')

/** `env=prod,tier=a`, as in a selector after `tag:`; `\` escapes the next character. */
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

/** Options; each is a field of the request. */
export const batchOptions = ['reinstall', 'allowRemovals', 'autoremove', 'reboot', 'skipOffline', 'strict'] as const
export type BatchOption = (typeof batchOptions)[number]

const optionsParameter: UrlParameter<readonly BatchOption[]> = {
  initial: [],
  render: (options) => (options.length === 0 ? undefined : options.join(',')),
  parse: (text) => batchOptions.filter((option) => text.split(',').includes(option)),
}

/** Non-secret values by parameter name, as text. */
export type ParameterTexts = Readonly<Record<string, string>>

function checkTexts(value: unknown): ParameterTexts | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value as Record<string, ParameterValue>)
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]))
}

/**
 * State of the batch page in its address: everything except secrets, long lists and the
 * description. Other pages link here with prefilled fields:
 * `/batch?action=install&extension=demo&version=v2&instances=i-1,i-2`.
 */
export const batchPageSchema = {
  action: choiceParameter(batchActions, 'install'),
  extension: textParameter(),
  /** Empty: the latest version that is not deprecated. */
  version: textParameter(),
  parameters: jsonParameter<ParameterTexts>({}, checkTexts),
  /** Parameters without a value get the default of the version instead of the instance's value. */
  values: choiceParameter(['keep', 'reset'], 'keep'),
  by: choiceParameter(targetKinds, 'pick'),
  instances: listParameter(),
  tags: tagsParameter,
  group: textParameter(),
  savedGroup: textParameter(),
  /** Conditions as text; see core/instance/instance-filter.ts. */
  filter: textParameter(),
  options: optionsParameter,
  /** Time limit of a reboot in minutes, as text; empty: the default of the server. */
  rebootMinutes: textParameter(),
  /** Time for a new agent to connect, likewise. */
  connectMinutes: textParameter(),
  control: choiceParameter(['Concurrency', 'Batch'], 'Concurrency'),
  concurrency: textParameter('10'),
  batches: textParameter('1, 10%, 50%'),
  batchConcurrency: textParameter('20'),
  errors: textParameter('0'),
  pause: choiceParameter(batchPauses, 'Automatic'),
  /** One per line; see core/gate/parse-gate.ts. */
  gates: textParameter(),
  gateFailure: choiceParameter(gateFailurePolicies, 'pause'),
  mode: choiceParameter(executionModes, 'Automatic'),
  step: choiceParameter(['form', 'confirm'], 'form'),
  /** Search in the table of instances. */
  find: textParameter(),
  /** Search in the plan: a separate table that starts unfiltered. */
  findPlanned: textParameter(),
  /** An execution to prefill the form from: read once, then replaced by its values. */
  again: textParameter(),
  /** The selected step filter of the plan. */
  show: choiceParameter(['changes', 'all', ...planSteps], 'changes'),
}
export type BatchPageState = UrlState<typeof batchPageSchema>

/** Empty parameters keep the value of each instance. */
export const keepsValues = ({ action, values }: Pick<BatchPageState, 'action' | 'values'>): boolean =>
  action === 'update' && values === 'keep'

/** Input that must not be part of the address, or is too long for it. */
export interface UnsharedInput {
  /** Values of noEcho parameters, as text. */
  readonly secrets: ParameterTexts
  /** A list of IDs or names, or the text of a CSV file. */
  readonly list: string
  readonly description: string
}
export const emptyUnshared: UnsharedInput = { secrets: {}, list: '', description: '' }

/** The options that each action supports. */
const supportedOptions: Readonly<Record<BatchAction, readonly BatchOption[]>> = {
  install: batchOptions.filter((option) => option !== 'autoremove'),
  update: batchOptions.filter((option) => option !== 'autoremove'),
  uninstall: batchOptions.filter((option) => option !== 'reinstall'),
  upgradeAgents: ['skipOffline', 'strict'],
}

/** The chosen options that the action supports. */
export const optionsOf = ({ action, options }: Pick<BatchPageState, 'action' | 'options'>): readonly BatchOption[] =>
  options.filter((option) => supportedOptions[action].includes(option))

/** The action on an extension; undefined: the operation concerns no extension. */
export const extensionActionOf = ({ action }: Pick<BatchPageState, 'action'>): Action | undefined =>
  actions.find((one) => one === action)
