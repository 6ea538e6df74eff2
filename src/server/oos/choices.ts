interface Choice {
  readonly about: string
  readonly choice: string
  readonly reason: string
}

/**
 * Behaviour of OOS that is not documented or does not apply here: what this server does instead,
 * and why. Rendered as a table of docs/oos-compatibility.md, in this order.
 */
export const choices: readonly Choice[] = [
  // ── the protocol ──
  {
    about: 'RegionId',
    choice: 'any region is accepted; responses contain the region of this server',
    reason: 'existing scripts contain a region; requests to this server are for this server',
  },
  {
    about: 'empty parameters',
    choice: 'treated as absent',
    reason: 'clients send `NextToken=` for the first page',
  },
  {
    about:
      '`AcceptLanguage`, `AccountId`, `OwnerAccount`, `OwnerId`, `RdFolderIds`, `ResourceOwnerAccount`, `ResourceOwnerId`',
    choice: 'ignored by every operation',
    reason: 'clients send them with every operation; the access key determines the account',
  },
  {
    about: 'unknown parameters',
    choice: '`InvalidParameter` with the name',
    reason: 'misspelled parameters must not be ignored silently',
  },
  {
    about: 'repeated parameters',
    choice: '`InvalidParameter`',
    reason: 'the intended value is ambiguous, and a proxy may use a different one',
  },
  {
    about: 'MaxResults',
    choice: '1 to 100, default 50',
    reason: 'OOS documents a minimum of 10 or 20; smaller pages are harmless',
  },
  {
    about: 'NextToken',
    choice: 'empty on the last page; a token of another operation is `InvalidParameter`',
    reason: 'clients loop until it is empty',
  },
  {
    about: 'signature version 3',
    choice: '`host`, all `x-acs-*` headers and, with a body, `content-type` must be among the signed headers',
    reason: 'unsigned values can be changed in transit; the official clients sign all of these',
  },
  {
    about: 'nonces',
    choice:
      'a nonce that the access key used within the last 30 minutes is `SignatureNonceUsed`, on all servers of the installation',
    reason: 'a recorded request must not be valid again within the 15 minutes of its timestamp',
  },
  {
    about: 'security tokens, bearer tokens, RSA and SM3 signatures',
    choice: 'refused',
    reason: 'STS is not supported; an access key belongs to a user',
  },
  {
    about: 'XML',
    choice: 'a list is a repeated element; a name that is invalid in XML becomes `<Entry Name="…">`',
    reason: 'tags and parameters can have any name',
  },
  {
    about: 'size',
    choice: 'request line and headers up to 256 KiB, a form up to 2 MiB',
    reason: '64 KiB of content need up to 192 KiB in a query',
  },
  {
    about: '`Recommend` of errors',
    choice: 'the pages of this server',
    reason: 'the pages of Alibaba Cloud do not describe this server',
  },

  // ── the service ──
  {
    about: 'SetServiceSettings',
    choice: 'replaces all names with those of the request; `DeliveryOssEnabled` and `DeliverySlsEnabled` must be false',
    reason: 'the server stores executions and output only locally',
  },
  {
    about: 'ListActions',
    choice: 'returns the actions of the public templates; `OOSActionName` matches a part of the name, case-insensitive',
    reason: 'custom templates, which could use other actions, are not supported',
  },

  // ── templates ──
  {
    about: 'templates',
    choice:
      'are extensions: of type `Package`, with the names of extensions (1 to 200 letters, digits, hyphens and underscores); the version is `v1`, `v2`, …, `VersionName` its description',
    reason: 'both APIs share the same data; Automation and State templates are not supported',
  },
  {
    about: '`Content`',
    choice:
      'stored unchanged, and `Hash` is its SHA-256; unknown keys are refused; in YAML, merge keys (`<<`) are supported, custom tags, duplicate keys and more than 100 aliases are refused',
    reason: 'misspelled keys must not be ignored silently, and clients expect to read back what they sent',
  },
  {
    about: '`BucketName` and `ObjectName`',
    choice: 'refer to objects in buckets of this server; a version keeps the file of its creation',
    reason: 'replacing a file must not change existing versions',
  },
  {
    about: 'author of a version',
    choice: '`CreatedBy` and `UpdatedBy` are names of users, of public templates `ACS`; `Publisher` is the account',
    reason: 'Chandler has no other identities',
  },
  {
    about: '`TemplateName` of ListTemplates',
    choice: 'matches a part of the name, case-insensitive; all `Tags` must match',
    reason: 'OOS documents only that it is a filter',
  },
  {
    about: 'deleting a template',
    choice:
      '`TemplateInUse` (409) while an instance has it installed or an execution of it has not ended; `DeleteTemplates` deletes all or none',
    reason: 'the extension could no longer be uninstalled',
  },
  {
    about: '`AutoDeleteExecutions`',
    choice: 'deletes ended executions with the template; otherwise they are kept',
    reason: 'execution records are useful after the template is deleted',
  },
  {
    about: '`ResourceType` of tags',
    choice: '`template` (a resource is its name) and `execution`',
    reason: 'parameters, patches and states are not supported',
  },
  {
    about: 'favorites',
    choice: 'stored per user',
    reason: 'OOS does not document their owner',
  },

  // ── installed state ──
  {
    about: 'ListInstancePackageStates',
    choice:
      'returns installed extensions by name, with non-secret parameters, and omits incomplete changes; `UpdateTime` is the time of the installation in UTC',
    reason: 'the response has no field for incomplete changes; GET /api/v1/instances has one (`broken`)',
  },
  {
    about: 'UpdateInstancePackageState',
    choice:
      'changes the state on the server to an existing version whose scope includes the instance, with valid parameters; repeating a request, or removing what is not installed, changes nothing. The record of the instance does not change: the agent uses its own record and reports it with its next task on the extension',
    reason:
      'scripts use it to record software that they installed themselves; but only the instance has the actual state',
  },

  // ── executions ──
  {
    about: 'parameters that an `install` or `update` omits',
    choice: 'instances that have the extension keep their values; others get the defaults of the version',
    reason: 'resetting them would reconfigure running services; the native API offers `resetParameters`',
  },
  {
    about: 'public templates',
    choice: 'any `TemplateVersion` is accepted and returned unchanged',
    reason: 'there is one version of each, and existing scripts contain various versions',
  },
  {
    about: 'parameters that StartExecution omits',
    choice:
      'responses contain no defaults for them: `LoopMode` and `SafetyCheck` are empty (`LoopMode` is absent in ListExecutions), and `Parameters` contains only the parameters of the request, in their order and with their types; values of noEcho parameters are masked. `Mode` is `Automatic`, and `TemplateVersion` is the version of the template',
    reason: 'Terraform replaces an execution, and installs again, if a value is returned differently',
  },
  {
    about: 'fields that are missing in the SDKs',
    choice:
      '`StatusReason` of ListTaskExecutions, `TemplateType` of GetExecutionTemplate, `TemplateType` and `VersionName` of the answers of CreateTemplate and UpdateTemplate',
    reason: 'they are useful in raw responses; SDKs ignore them',
  },
  {
    about: '`Depth`',
    choice:
      '`RootDepth`: executions without a parent; `FirstChildDepth`: these and their children; `IncludeChildExecution=false` is `RootDepth`, unless the request specifies an execution or a parent',
    reason: 'OOS does not document the exact meaning',
  },
  {
    about: 'instances',
    choice:
      'accepted by Chandler id and by cloud instance id; a cloud id that two instances report is ambiguous and matches neither',
    reason:
      'existing scripts contain cloud ids; the server cannot verify the cloud id that an agent reports, so give join tokens only to trusted users',
  },
  {
    about: 'targets',
    choice: '`Type` may also be `ResourceGroup` (with `ResourceGroupId`) and `All`; a list of ids goes without `Type`',
    reason: 'OOS supports both but does not document the format',
  },
  {
    about: 'batches',
    choice:
      'the last size repeats; percentages round up; with more errors than `MaxErrors` no new tasks start, running tasks finish, and the others are Cancelled',
    reason: 'failures must not be hidden, and running tasks must not be interrupted',
  },
  {
    about: '`BatchPauseOption` and `LoopMode` without batches',
    choice: 'ignored',
    reason: 'there are no batches to pause between',
  },
  {
    about: 'tasks of NotifyExecution',
    choice:
      '`TaskExecutionId`, `TaskExecutionIds`, `TaskName` and `LoopItem` must be of the execution and of the same task, whatever `NotifyType` is; otherwise `EntityNotExists.TaskExecution` (404), and nothing changes. Approving any task of a batch approves the whole batch; the task that resolves the instances does not wait and cannot be approved (409)',
    reason: 'an approval of another task must not open a batch',
  },
  {
    about: 'paused batches',
    choice:
      '`NotifyExecution` with `Approve` continues, with `Reject` cancels; `WaitingStatus` is `BatchPause`, `FailurePause`, `DebugPause` or `PausedByUser`',
    reason: 'they correspond to the states of the execution',
  },
  {
    about: 'Debug mode',
    choice:
      'the instances are resolved immediately; `ExecuteTask` of the loop task runs the next or the specified instance; `CompleteExecution` cancels the tasks that were not run: with `Failed` the execution ends Failed; with `Success` it is refused (409) with the names of tasks that were not run or did not succeed; otherwise the result is that of the tasks that were run',
    reason: 'an execution must not end with Success if a task failed or was not run',
  },
  {
    about: 'uninstall',
    choice: '`packageVersion` is required, but it and `parameters` are not used',
    reason: 'each instance removes its installed version with the installed parameter values',
  },
  {
    about: '`OOSAssumeRole`',
    choice: 'any name is stored and returned as `RamRole`; the execution has the permissions of its user',
    reason: 'in Chandler, roles are for instances',
  },
  {
    about: 'tasks of an execution',
    choice:
      'one task that resolves the instances, one loop task, and one child task per instance, sorted by start; all of them are returned unless `IncludeChildTaskExecution` is false',
    reason: 'scripts need the result of each instance',
  },
  {
    about: '`Status` of a task whose instance reboots',
    choice: '`Running`, with the status reason `Rebooting`',
    reason: 'OOS has no status for it, and clients wait while a task is running',
  },
  {
    about: '`Status` of ListTaskExecutionInvocations',
    choice:
      'uses the status values of tasks: `Pending` until the instance starts, `Running`, `Success`, `Failed` (also after a timeout or without a response), `Cancelled`',
    reason: 'OOS does not document status values of invocations',
  },
  {
    about: '`Outputs`',
    choice:
      'the last 24 KB of the output of the action’s script, with a note if it is truncated (for updates only the script of the new version; the output script is in `configurationOutput`); one entry per package if there are several; in `ListExecutions` only with an `ExecutionId`, and for up to 100 instances',
    reason: 'the same limit as Cloud Assistant; lists must not load all output',
  },
  {
    about: '`LogType`',
    choice: '`System`, and `Stdout` and `Stderr` for script output, line by line and task by task',
    reason: 'OOS documents only `System`, without its texts',
  },
  {
    about: '`DeleteExecutions` with `Force`',
    choice:
      'deletes executions that have not started or are waiting; a running execution is cancelled, and its deletion is refused until it has ended',
    reason: 'running executions must stay visible',
  },
  {
    about: 'invalid state',
    choice: '`IncorrectExecutionStatus` and `IncorrectTaskExecutionStatus` (409)',
    reason: 'named like the codes of other products',
  },
  {
    about: '`{{ name }}` in scripts',
    choice:
      'replaced with a reference to an environment variable, never with the value; accepted in words, double quotes, assignments and here-documents of commands that take data, refused elsewhere ([table](script-contract.md#-name-))',
    reason: 'as script text, a value could be executed; as a variable it is passed byte for byte',
  },
  {
    about: '`{{oos:name}}` and `{{oos-secret:name}}`',
    choice:
      'refused (`InvalidParameter`, `InvalidTemplate`) in scripts, commands, values and contents, also by the native API and `chandler extension lint`',
    reason: 'there is no parameter store, and the literal text would be executed; use a noEcho parameter',
  },
  {
    about: 'permissions of instances',
    choice:
      'the role of the instance is checked when the server hands out the template (`oos:GetTemplate`) and its object (`oss:GetBucketAcl`, `oss:GetObject`)',
    reason: 'the server sends instances what they need; instances do not sign requests themselves',
  },
]
