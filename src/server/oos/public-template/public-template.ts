import { stringify } from 'yaml'
import type { OperationKind } from '../../../core/execution/operation.ts'
import { sha256Of } from '../../../lib/digest.ts'

/** The kinds of operation that have a template of OOS. */
export type StartedKind = Exclude<OperationKind, 'agentUpgrade' | 'rollback'>

/**
 * A template that every account can list and start: an operation of Chandler under the name that
 * clients of OOS use (reference §4). This declaration determines the content that GetTemplate
 * returns, the parameters that StartExecution accepts, and the task names in ListTaskExecutions.
 * `execution/read-operation.ts` builds the operation.
 */
export interface PublicTemplateDeclaration {
  readonly name: string
  /** The kind of operation that it starts. */
  readonly starts: StartedKind
  readonly version: string
  readonly createdAt: string
  readonly description: Words
  readonly parameters: Readonly<Record<string, TemplateParameter>>
  /** The task that selects the instances; its action is ACS::SelectTargets. */
  readonly selectTask: string
  /** The task that runs once per instance. */
  readonly loopTask: {
    readonly name: string
    readonly action: string
    readonly properties: Readonly<Record<string, string>>
    readonly outputs: readonly TemplateOutput[]
  }
  /** RAM actions that the user of an execution needs, besides those on the execution itself. */
  readonly actions: readonly string[]
}

export interface PublicTemplate extends PublicTemplateDeclaration {
  readonly templateId: string
  /** YAML, in the template language of OOS. */
  readonly content: string
  /** SHA-256 of the content, in lower-case hex. */
  readonly hash: string
}

interface Words {
  readonly en: string
  readonly 'zh-cn': string
}

/** As OOS declares parameters (reference §3.2); absent default = required. */
export interface TemplateParameter {
  readonly type: 'String' | 'Number' | 'Boolean' | 'List' | 'Json'
  readonly description: Words
  readonly default?: unknown
  readonly allowedValues?: readonly string[]
  readonly maxLength?: number
  /** The input control that a console shows for it. */
  readonly associationProperty?: string
}

/**
 * An output of the execution: a list with one entry per instance, from the loop task's output of
 * each.
 */
export interface TemplateOutput {
  readonly name: 'commandOutput' | 'commandOutputs' | 'configurationOutput'
  /** A field of the loop task. */
  readonly field: 'commandOutput' | 'configurationOutput'
}

export function definePublicTemplate(declaration: PublicTemplateDeclaration): PublicTemplate {
  const content = stringify(renderContent(declaration), { lineWidth: 0 })
  const templateId = `t-${sha256Of(`public-template/${declaration.name}`).slice(0, 20)}`
  return { ...declaration, templateId, content, hash: sha256Of(content) }
}

const selected = 'instanceIds'

function renderContent({ description, parameters, selectTask, loopTask }: PublicTemplateDeclaration) {
  return {
    FormatVersion: 'OOS-2019-06-01',
    Description: description,
    Parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, renderParameter(parameter)]),
    ),
    RamRole: '{{ OOSAssumeRole }}',
    Tasks: [renderSelectTask(selectTask), renderLoopTask(selectTask, loopTask)],
    Outputs: Object.fromEntries(
      loopTask.outputs.map(({ name, field }) => [
        name,
        { Type: 'List', Value: `{{ ${loopTask.name}.${collected(field)} }}` },
      ]),
    ),
  }
}

const collected = (field: TemplateOutput['field']) => `${field}s`

const renderParameter = (parameter: TemplateParameter) => ({
  Type: parameter.type,
  Description: parameter.description,
  ...('default' in parameter ? { Default: parameter.default } : {}),
  ...(parameter.allowedValues ? { AllowedValues: parameter.allowedValues } : {}),
  ...(parameter.maxLength ? { MaxLength: parameter.maxLength } : {}),
  ...(parameter.associationProperty ? { AssociationProperty: parameter.associationProperty } : {}),
})

const renderSelectTask = (name: string) => ({
  Name: name,
  Action: 'ACS::SelectTargets',
  Properties: { ResourceType: 'ALIYUN::ECS::Instance', RegionId: '{{ regionId }}', Filters: ['{{ targets }}'] },
  Outputs: { [selected]: { Type: 'List', ValueSelector: 'Instances.Instance[].InstanceId' } },
})

const renderLoopTask = (selectTask: string, { name, action, properties, outputs }: PublicTemplate['loopTask']) => ({
  Name: name,
  Action: action,
  Properties: { regionId: '{{ regionId }}', instanceId: '{{ ACS::TaskLoopItem }}', ...properties },
  Loop: {
    Items: `{{ ${selectTask}.${selected} }}`,
    RateControl: '{{ rateControl }}',
    Outputs: Object.fromEntries(
      outputs.map(({ field }) => [collected(field), { AggregateType: 'Fn::ListJoin', AggregateField: field }]),
    ),
  },
  Outputs: Object.fromEntries(outputs.map(({ field }) => [field, { Type: 'String', ValueSelector: `.${field}` }])),
})
