/** The document as users see it; `parsePolicy` parses it. */
export interface BuiltInPolicy {
  readonly name: string
  readonly description: string
  readonly content: Readonly<Record<string, unknown>>
}

const allow = (actions: string | readonly string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' })

/** Policies that exist in every account. They cannot be changed or deleted. */
export const builtInPolicies: readonly BuiltInPolicy[] = [
  {
    name: 'AdministratorAccess',
    description: 'Everything.',
    content: { Version: '1', Statement: [allow('*')] },
  },
  {
    name: 'AliyunOOSFullAccess',
    description: 'Everything with extensions, their files, executions and instances; nothing with users and policies.',
    content: { Version: '1', Statement: [allow(['oos:*', 'oss:*', 'ecs:*'])] },
  },
  {
    name: 'AliyunOOSReadOnlyAccess',
    description: 'Seeing extensions, executions and instances; changing nothing.',
    content: {
      Version: '1',
      Statement: [
        allow(['oos:Get*', 'oos:List*', 'oos:Describe*', 'oos:Validate*', 'oos:Generate*', 'ecs:Describe*']),
        allow(['oss:List*', 'oss:GetBucket*', 'oss:HeadObject']),
      ],
    },
  },
  {
    name: 'InstallExtensions',
    description: 'What an instance needs to be given extensions.',
    content: {
      Version: '1',
      Statement: [
        { Action: ['oos:GetTemplate'], Resource: '*', Effect: 'Allow' },
        { Action: ['oss:GetObject', 'oss:GetBucketAcl'], Effect: 'Allow', Resource: '*' },
      ],
    },
  },
]

/** A role that exists in every account; instances have it unless another one is assigned. */
export const builtInRole = {
  name: 'ExtensionInstance',
  description: 'Instances that may be given every extension.',
  policies: ['InstallExtensions'],
} as const
