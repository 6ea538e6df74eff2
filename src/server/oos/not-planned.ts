interface NotPlanned {
  /** Completes the sentence "this server does not have it": the reason. */
  readonly reason: string
  readonly operations: readonly string[]
}

/**
 * The operations of OOS that this server does not implement: calling one returns the reason, and
 * docs/oos-compatibility.md lists them.
 */
export const notPlanned: readonly NotPlanned[] = [
  {
    reason:
      'patching the operating system is a matter of its own; a package manager can be run with ACS-ECS-ConfigurePackage',
    operations: [
      'CreatePatchBaseline',
      'DeletePatchBaseline',
      'GetPatchBaseline',
      'ListInstancePatches',
      'ListInstancePatchStates',
      'ListPatchBaselines',
      'RegisterDefaultPatchBaseline',
      'UpdatePatchBaseline',
    ],
  },
  {
    reason:
      'there is no parameter store; values are given to an execution, and those of noEcho parameters are kept encrypted',
    operations: [
      'CreateParameter',
      'CreateSecretParameter',
      'DeleteParameter',
      'DeleteSecretParameter',
      'GetParameter',
      'GetParameters',
      'GetParametersByPath',
      'GetSecretParameter',
      'GetSecretParameters',
      'GetSecretParametersByPath',
      'ListParameters',
      'ListParameterVersions',
      'ListSecretParameters',
      'ListSecretParameterVersions',
      'UpdateParameter',
      'UpdateSecretParameter',
    ],
  },
  {
    reason: 'it says what resources of the cloud would allow; what a template allows is in its content, in GetTemplate',
    operations: ['GetTemplateParameterConstraints'],
  },
  {
    reason: 'there are no application groups; servers are grouped by tags and resource groups',
    operations: [
      'ContinueDeployApplicationGroup',
      'CreateApplication',
      'CreateApplicationGroup',
      'DeleteApplication',
      'DeleteApplicationGroup',
      'DeployApplicationGroup',
      'DescribeApplicationGroupBill',
      'GetApplication',
      'GetApplicationGroup',
      'ListApplicationGroups',
      'ListApplications',
      'UpdateApplication',
      'UpdateApplicationGroup',
    ],
  },
  {
    reason: 'packages are files that are uploaded; the server fetches nothing from a repository',
    operations: [
      'CheckGitRepoFileExists',
      'CheckGitRepositoryExists',
      'CreateGitRepository',
      'GetGitBranch',
      'GetGitRepository',
      'ListGitAccounts',
      'ListGitBranches',
      'ListGitOrganizations',
      'ListGitRepositories',
      'ListGitRepositoryContents',
    ],
  },
  {
    reason: 'what an instance is like are its facts, in GET /api/v1/instances',
    operations: ['GetInventorySchema', 'ListInventoryEntries', 'SearchInventory'],
  },
  {
    reason: 'nothing is done to an instance by itself: what an execution is for, it does once',
    operations: [
      'CreateStateConfiguration',
      'DeleteStateConfigurations',
      'ListStateConfigurations',
      'UpdateStateConfiguration',
    ],
  },
  {
    reason: 'there are no work items; failures are in ListExecutions and in the audit log',
    operations: ['CreateOpsItem', 'DeleteOpsItems', 'GenerateOpsItem', 'GetOpsItem', 'ListOpsItems', 'UpdateOpsItem'],
  },
  {
    reason: 'the server sends no messages to chats',
    operations: [
      'CreateChatConfiguration',
      'DeleteChatConfiguration',
      'GetChatConfiguration',
      'ListChatConfigurations',
      'UpdateChatConfiguration',
    ],
  },
  {
    reason:
      'templates are the public ones and packages; StartExecution with Mode Debug goes through one of them task by task',
    operations: ['StartDebugExecution'],
  },
]
