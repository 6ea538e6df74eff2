/**
 * Fields and types of the answers of OOS, by operation, as the official SDKs declare them. A field
 * that ends in `?` is present only when it has a value.
 */
type Model = 'string' | 'number' | 'boolean' | 'object' | { readonly list: Model } | { readonly [field: string]: Model }

const list = (of: Model) => ({ list: of })
const strings = <const Name extends string>(...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, 'string'])) as Record<Name, 'string'>

const template = {
  ...strings('CreatedBy', 'CreatedDate', 'Description', 'Hash', 'ResourceGroupId', 'ShareType', 'TemplateFormat'),
  ...strings(
    'TemplateId',
    'TemplateName',
    'TemplateType',
    'TemplateVersion',
    'UpdatedBy',
    'UpdatedDate',
    'VersionName',
  ),
  HasTrigger: 'boolean',
  Tags: 'object',
} as const satisfies Model

const currentTasks = list(strings('TaskAction', 'TaskExecutionId', 'TaskName'))
const execution = {
  ...strings('CreateDate', 'Description', 'EndDate', 'ExecutedBy', 'ExecutionId', 'Mode', 'Outputs'),
  ...strings('ParentExecutionId', 'RamRole', 'ResourceGroupId', 'SafetyCheck', 'StartDate', 'Status', 'StatusMessage'),
  ...strings('TemplateId', 'TemplateName', 'TemplateVersion', 'UpdateDate'),
  Counters: 'object',
  CurrentTasks: currentTasks,
  IsParent: 'boolean',
  Tags: 'object',
} as const satisfies Model

const stateConfiguration = {
  ...strings('ConfigureMode', 'CreateTime', 'Description', 'Parameters', 'ResourceGroupId', 'ScheduleExpression'),
  ...strings('ScheduleType', 'StateConfigurationId', 'Targets', 'TemplateId', 'TemplateName', 'TemplateVersion'),
  Tags: 'object',
} as const satisfies Model

const page = { MaxResults: 'number', NextToken: 'string' } as const
const settings = {
  ServiceSettings: list({
    ...strings('DeliveryOssBucketName', 'DeliveryOssKeyPrefix', 'DeliverySlsProjectName', 'RdcEnterpriseId'),
    DeliveryOssEnabled: 'boolean',
    DeliverySlsEnabled: 'boolean',
  }),
} as const

/** Beside `RequestId`, which every answer has. */
export const responseModels: Readonly<Record<string, Readonly<Record<string, Model>>>> = {
  CancelExecution: {},
  ChangeResourceGroup: {},
  CreateStateConfiguration: { StateConfiguration: { ...stateConfiguration, Parameters: 'object' } },
  CreateTemplate: { Template: template, TemplateType: 'string' },
  DeleteExecutions: {},
  DeleteStateConfigurations: {},
  DeleteTemplate: {},
  DeleteTemplates: {},
  DescribeRegions: { Regions: list(strings('LocalName', 'RegionEndpoint', 'RegionId')) },
  GenerateExecutionPolicy: strings('MissingPolicy', 'Policy'),
  GetExecutionTemplate: {
    Content: 'string',
    Template: {
      ...strings('CreatedBy', 'CreatedDate', 'Description', 'Hash', 'ShareType', 'TemplateFormat', 'TemplateId'),
      ...strings('TemplateName', 'TemplateVersion', 'UpdatedBy', 'UpdatedDate'),
      Tags: 'object',
      'TemplateType?': 'string',
    },
  },
  GetServiceSettings: settings,
  GetTemplate: { Content: 'string', Template: template },
  ListActions: {
    ...page,
    Actions: list({
      ...strings('ActionType', 'CreatedDate', 'Description', 'OOSActionName', 'Properties', 'TemplateVersion'),
      Popularity: 'number',
    }),
  },
  ListExecutionLogs: {
    ...page,
    ExecutionLogs: list(strings('LogType', 'Message', 'TaskExecutionId', 'Timestamp')),
    IsTruncated: 'boolean',
  },
  ListExecutionRiskyTasks: {
    RiskyTasks: list({ ...strings('API', 'Service'), Task: list('string'), Template: list('string') }),
  },
  ListExecutions: {
    ...page,
    Executions: list({
      ...execution,
      ...strings('Category', 'LastSuccessfulTriggerTime', 'LastTriggerOutputs', 'LastTriggerStatus'),
      ...strings('LastTriggerStatusMessage', 'LastTriggerTime', 'NextScheduleTime', 'ResourceStatus', 'StatusReason'),
      ...strings('Targets', 'WaitingStatus'),
      // Newer SDKs have it; Terraform compares it with the given value.
      'LoopMode?': 'string',
      Parameters: 'object',
    }),
    TotalCount: 'number',
  },
  ListInstancePackageStates: {
    MaxResults: 'string',
    NextToken: 'string',
    PackageStates: list({
      ...strings('Description', 'Parameters', 'Publisher', 'TemplateCategory', 'TemplateId', 'TemplateName'),
      ...strings('TemplateVersion', 'TemplateVersionName', 'UpdateTime'),
    }),
  },
  ListResourceExecutionStatus: {
    ...page,
    ResourceExecutionStatus: list(strings('ExecutionId', 'ExecutionTime', 'Outputs', 'ResourceId', 'Status')),
  },
  ListStateConfigurations: {
    NextToken: 'string',
    StateConfigurations: list({ ...stateConfiguration, UpdateTime: 'string' }),
  },
  ListTagKeys: { ...page, Keys: list('string') },
  ListTagResources: {
    NextToken: 'string',
    TagResources: { TagResource: list(strings('ResourceId', 'ResourceType', 'TagKey', 'TagValue')) },
  },
  ListTagValues: { ...page, Values: list('string') },
  ListTaskExecutionInvocations: {
    TaskExecutionInvocations: list(
      strings('InvocationId', 'InvocationTaskExecutionId', 'InvocationTaskName', 'RegionId', 'Status'),
    ),
  },
  ListTaskExecutions: {
    ...page,
    TaskExecutions: list({
      ...strings('ChildExecutionId', 'CreateDate', 'EndDate', 'ExecutionId', 'LoopItem', 'Outputs'),
      ...strings('ParentTaskExecutionId', 'Properties', 'StartDate', 'Status', 'StatusMessage', 'TaskAction'),
      ...strings('TaskExecutionId', 'TaskName', 'TemplateId', 'UpdateDate'),
      // Not in the models: why a task is in its state, as a code.
      'StatusReason?': 'string',
      ExtraData: { NotifyNote: 'string' },
      Loop: 'object',
      LoopBatchNumber: 'number',
    }),
  },
  ListTemplateVersions: {
    ...page,
    TemplateVersions: list(
      strings('Description', 'TemplateFormat', 'TemplateVersion', 'UpdatedBy', 'UpdatedDate', 'VersionName'),
    ),
  },
  ListTemplates: {
    ...page,
    Templates: list({
      ...template,
      ...strings('Category', 'Constraints', 'Publisher'),
      IsFavorite: 'boolean',
      Popularity: 'number',
      TotalExecutionCount: 'number',
    }),
  },
  NotifyExecution: {},
  SetServiceSettings: settings,
  StartExecution: { Execution: { ...execution, LoopMode: 'string', Parameters: 'string' } },
  TagResources: {},
  UntagResources: {},
  UpdateExecution: {},
  UpdateInstancePackageState: {},
  UpdateStateConfiguration: { StateConfiguration: list({ ...stateConfiguration, UpdateTime: 'string' }) },
  UpdateTemplate: { Template: template },
  UpdateTemplateAttributes: {},
  ValidateTemplateContent: {
    ...strings('Outputs', 'Parameters', 'RamRole'),
    Tasks: list(strings('Description', 'Name', 'Outputs', 'Properties', 'Type')),
  },
}

/** Differences: missing fields, fields of another type, and unknown fields. */
export function findDifferences(model: Model, value: unknown, place: string): string[] {
  if (model === 'object') return isObject(value) ? [] : [`${place} is not an object: ${JSON.stringify(value)}`]
  if (typeof model === 'string')
    return typeof value === model ? [] : [`${place} is not a ${model}: ${JSON.stringify(value)}`]
  if ('list' in model) {
    if (!Array.isArray(value)) return [`${place} is not a list: ${JSON.stringify(value)}`]
    return value.flatMap((one, index) => findDifferences(model.list as Model, one, `${place}[${index}]`))
  }
  if (!isObject(value)) return [`${place} is not an object: ${JSON.stringify(value)}`]
  const fields = Object.entries(model).map(([name, of]) => ({
    name: name.replace(/\?$/, ''),
    of,
    isOptional: name.endsWith('?'),
  }))
  const known = new Set(fields.map(({ name }) => name))
  return [
    ...Object.keys(value).flatMap((name) => (known.has(name) ? [] : [`${place}.${name} is in no model`])),
    ...fields.flatMap(({ name, of, isOptional }) =>
      Object.hasOwn(value, name)
        ? findDifferences(of, value[name], `${place}.${name}`)
        : isOptional
          ? []
          : [`${place}.${name} is missing`],
    ),
  ]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
