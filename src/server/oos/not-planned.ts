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
    reason: 'OS patching is not supported; use ACS-ECS-ConfigurePackage to run the package manager',
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
    reason: 'there is no parameter store; pass values to executions, which store noEcho parameters encrypted',
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
    reason: 'it returns constraints of cloud resources; GetTemplate returns the constraints of the template',
    operations: ['GetTemplateParameterConstraints'],
  },
  {
    reason: 'there are no application groups; use tags and resource groups',
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
    reason: 'packages are uploaded files; the server does not access repositories',
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
    reason: 'GET /api/v1/instances returns the facts of instances',
    operations: ['GetInventorySchema', 'ListInventoryEntries', 'SearchInventory'],
  },
  {
    reason: 'there are no OpsItems; ListExecutions and the audit log contain failures',
    operations: ['CreateOpsItem', 'DeleteOpsItems', 'GenerateOpsItem', 'GetOpsItem', 'ListOpsItems', 'UpdateOpsItem'],
  },
  {
    reason: 'the server does not send chat messages',
    operations: [
      'CreateChatConfiguration',
      'DeleteChatConfiguration',
      'GetChatConfiguration',
      'ListChatConfigurations',
      'UpdateChatConfiguration',
    ],
  },
  {
    reason: 'custom templates are not supported; StartExecution with Mode Debug runs a public template task by task',
    operations: ['StartDebugExecution'],
  },
]
