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
    choice: 'any is accepted, and answers name the region of this server',
    reason: 'scripts have their region in them, and whoever calls this server means it',
  },
  {
    about: 'empty parameters',
    choice: 'the same as absent ones',
    reason: 'clients send `NextToken=` for the first page',
  },
  {
    about:
      '`AcceptLanguage`, `AccountId`, `OwnerAccount`, `OwnerId`, `RdFolderIds`, `ResourceOwnerAccount`, `ResourceOwnerId`',
    choice: 'ignored by every operation',
    reason: 'clients send them everywhere; the access key decides which account is meant',
  },
  {
    about: 'unknown parameters',
    choice: '`InvalidParameter`, with the name',
    reason: 'a misspelt one must not be passed over in silence',
  },
  {
    about: 'a parameter that comes twice',
    choice: '`InvalidParameter`',
    reason: 'which of the two is meant nobody can know, and a proxy may see the other',
  },
  {
    about: 'MaxResults',
    choice: '1 to 100, default 50',
    reason: 'OOS says 10 or 20 to 100; a smaller page does no harm',
  },
  {
    about: 'NextToken',
    choice: 'empty on the last page; one that another operation gave is `InvalidParameter`',
    reason: 'clients loop until it is empty',
  },
  {
    about: 'signature version 3',
    choice: '`host`, all `x-acs-*` headers and, with a body, `content-type` must be among the signed headers',
    reason: 'what is not signed, somebody on the way may change; the official clients sign all of these',
  },
  {
    about: 'nonces',
    choice:
      'one that an access key used within the last half hour is `SignatureNonceUsed`, on every server of the installation',
    reason: 'a recorded request must not work a second time while its time is within the 15 minutes',
  },
  {
    about: 'security tokens, bearer tokens, RSA and SM3 signatures',
    choice: 'refused',
    reason: 'there is no STS here; an access key belongs to a user',
  },
  {
    about: 'XML',
    choice: 'a list is its element repeated; a name that is none in XML becomes `<Entry Name="…">`',
    reason: 'tags and parameters have names of all kinds',
  },
  {
    about: 'size',
    choice: 'request line and headers up to 256 KiB, a form up to 2 MiB',
    reason: '64 KiB of content are up to 192 KiB in a query',
  },
  {
    about: '`Recommend` of errors',
    choice: 'the pages of this server',
    reason: 'those of Alibaba Cloud know nothing of it',
  },

  // ── the service ──
  {
    about: 'SetServiceSettings',
    choice:
      'keeps the names that one call gives, and none from before; `DeliveryOssEnabled` and `DeliverySlsEnabled` can only be false',
    reason: 'executions and their output stay on this server, and a switch must not pretend otherwise',
  },
  {
    about: 'ListActions',
    choice:
      'the actions that the public templates are made of; `OOSActionName` is a part of the name, in any case of letters',
    reason: 'there are no templates of one’s own that could use others',
  },

  // ── templates ──
  {
    about: 'templates',
    choice:
      'are extensions: of type `Package`, with the names of extensions (1 to 200 letters, digits, hyphens and underscores); the version is `v1`, `v2`, …, `VersionName` its description',
    reason: 'what the one API creates, the other shows; Automation and State templates are programs of their own',
  },
  {
    about: '`Content`',
    choice:
      'is kept word for word, and `Hash` is its SHA-256; unknown keys are refused; in YAML merge keys (`<<`) but no tags of its own, no key twice, at most 100 aliases',
    reason: 'a misspelt key must not be passed over in silence, and the words of a client are its own',
  },
  {
    about: '`BucketName` and `ObjectName`',
    choice: 'name objects of this server’s buckets; a version keeps the file that they named when it was created',
    reason: 'what is installed must not change when a file is replaced',
  },
  {
    about: 'the author of a version',
    choice: '`CreatedBy` and `UpdatedBy` are names of users, of public templates `ACS`; `Publisher` is the account',
    reason: 'that is what Chandler knows',
  },
  {
    about: '`TemplateName` of ListTemplates',
    choice: 'a part of the name, in any case of letters; several `Tags` must all be there',
    reason: 'OOS calls it a filter, and does not say which',
  },
  {
    about: 'deleting a template',
    choice:
      '`TemplateInUse` (409) while an instance has it installed or an execution of it has not ended; `DeleteTemplates` deletes all or none',
    reason: 'it could not be uninstalled any more',
  },
  {
    about: '`AutoDeleteExecutions`',
    choice: 'executions that have ended go with the template; without it they stay',
    reason: 'the report of what happened outlives what it is about',
  },
  {
    about: '`ResourceType` of tags',
    choice: '`template` (a resource is its name) and `execution`',
    reason: 'there are no parameters, patches or states here',
  },
  {
    about: 'favorites',
    choice: 'belong to the user who marked them',
    reason: 'OOS does not say whose they are',
  },

  // ── installed state ──
  {
    about: 'ListInstancePackageStates',
    choice:
      'what is installed, by name, with the parameters that may be shown; nothing of a change that ended half-way; `UpdateTime` is when the instance got it, in UTC',
    reason: 'the answer has no field that could say so; GET /api/v1/instances has (`broken`)',
  },
  {
    about: 'UpdateInstancePackageState',
    choice:
      'changes what this server believes of the instance, to a version that exists and fits it, with valid parameters; what it is told already, or has nothing of, changes nothing. The instance’s own record is not touched: its agent decides by that, and what it says at the end of its next task on that extension counts again',
    reason: 'scripts that install by themselves tell it so; but only the instance knows what is there',
  },

  // ── executions ──
  {
    about: 'parameters that `install` or `update` does not give',
    choice: 'an instance that has the extension keeps its values; others get the defaults of the version',
    reason: 'an update that resets them moves running services; the native API has `resetParameters` for it',
  },
  {
    about: 'public templates',
    choice: 'any `TemplateVersion` is taken, and reads back as it was given',
    reason: 'there is one of each, and scripts name the versions of their time',
  },
  {
    about: 'what StartExecution was not given',
    choice:
      'is not shown with a default: `LoopMode` and `SafetyCheck` are empty (`LoopMode` is absent in ListExecutions), and `Parameters` has only what was given, in its order and with its types; values of noEcho parameters are masked. `Mode` is `Automatic`, and `TemplateVersion` the version of the template',
    reason: 'Terraform replaces an execution, and so installs again, if a value reads back differently',
  },
  {
    about: 'fields that the SDKs do not have',
    choice:
      '`StatusReason` of ListTaskExecutions, `TemplateType` of GetExecutionTemplate, `TemplateType` and `VersionName` of the answers of CreateTemplate and UpdateTemplate',
    reason: 'they are of use to people who look at the answer; SDKs pass over them',
  },
  {
    about: '`Depth`',
    choice:
      '`RootDepth`: executions without a parent; `FirstChildDepth`: those and their children; `IncludeChildExecution=false` is `RootDepth`, unless an execution or a parent is named',
    reason: 'OOS does not say what either means exactly',
  },
  {
    about: 'instances',
    choice:
      'are known by their own ids and by those that their clouds gave them; of two that say the same cloud id, neither is meant',
    reason:
      'scripts have the ids of the cloud in them; what an agent says of its cloud is not proved, so who may enrol must be trusted not to take another’s',
  },
  {
    about: 'targets',
    choice: '`Type` may also be `ResourceGroup` (with `ResourceGroupId`) and `All`; a list of ids goes without `Type`',
    reason: 'OOS offers both, and prints neither form',
  },
  {
    about: 'batches',
    choice:
      'the last size repeats; percentages round up; with more errors than `MaxErrors` nothing new starts, what runs ends, the rest is Cancelled',
    reason: 'a failure must not be hidden, and nothing is cut off half-way',
  },
  {
    about: '`BatchPauseOption` and `LoopMode` without batches',
    choice: 'mean nothing',
    reason: 'there is nothing to pause between',
  },
  {
    about: 'the tasks that NotifyExecution names',
    choice:
      '`TaskExecutionId`, `TaskExecutionIds`, `TaskName` and `LoopItem` must be of the execution and of the same task, whatever `NotifyType` is; otherwise `EntityNotExists.TaskExecution` (404), and nothing changes. A batch is approved as a whole, whichever of its tasks is named; the task that finds the instances waits for nothing and cannot be approved (409)',
    reason: 'an answer that is meant for another task must not open a batch',
  },
  {
    about: 'a paused batch',
    choice:
      '`NotifyExecution` with `Approve` goes on, with `Reject` cancels; `WaitingStatus` is `BatchPause`, `FailurePause`, `DebugPause` or `PausedByUser`',
    reason: 'they answer what an execution asks',
  },
  {
    about: 'Mode Debug',
    choice:
      'the instances are found at once; `ExecuteTask` of the loop task runs the next instance, or the named one; `CompleteExecution` cancels what was not run; with `Failed` the execution ends Failed, with `Success` it is refused (409) with the names of the tasks that were not run or did not succeed, otherwise the verdict is about what happened',
    reason: 'an execution never says Success when something of it failed or was not done',
  },
  {
    about: 'uninstalling',
    choice: '`packageVersion` must be there, and then it and `parameters` are not used',
    reason: 'what is removed is what each instance has, with the values that it was installed with',
  },
  {
    about: '`OOSAssumeRole`',
    choice: 'any name is kept and shown as `RamRole`; the execution has the rights of its user',
    reason: 'roles belong to instances here',
  },
  {
    about: 'the tasks of an execution',
    choice:
      'one that finds the instances, one that loops, and one per instance below it; they stand in the order in which they start; all of them are listed unless `IncludeChildTaskExecution` is false',
    reason: 'what became of each instance is what scripts look for',
  },
  {
    about: '`Status` of ListTaskExecutionInvocations',
    choice:
      'the words of tasks: `Pending` until the instance begins, `Running`, `Success`, `Failed` (also after a timeout, or without an answer), `Cancelled`',
    reason: 'OOS has no words for attempts',
  },
  {
    about: '`Outputs`',
    choice:
      'the last 24 KB that the script of the action printed, with a note of what is cut (of an update only the new version’s; not what the output script prints, which is `configurationOutput`); an entry per package, where there are several; in `ListExecutions` only with an `ExecutionId`, and for at most 100 instances',
    reason: 'as much as Cloud Assistant keeps; a list must not cost what was printed',
  },
  {
    about: '`LogType`',
    choice: '`System`, and `Stdout` and `Stderr` for what scripts printed, line by line; task by task',
    reason: 'OOS shows `System` only, and its texts are not known',
  },
  {
    about: '`DeleteExecutions` with `Force`',
    choice: 'deletes what has not begun or waits; of what runs, it is cancelled and refused until it has ended',
    reason: 'nothing is forgotten that is still happening',
  },
  {
    about: 'the wrong state',
    choice: '`IncorrectExecutionStatus` and `IncorrectTaskExecutionStatus` (409)',
    reason: 'they read like the codes of other products',
  },
  {
    about: '`{{ name }}` in scripts',
    choice:
      'a reference to an environment variable in its place, never the value itself; accepted in words, double quotes, assignments and here-documents of commands that take data, refused elsewhere ([table](script-contract.md#-name-))',
    reason: 'as text in a script a value could be run; as a value it arrives byte for byte',
  },
  {
    about: '`{{oos:name}}` and `{{oos-secret:name}}`',
    choice:
      'refused (`InvalidParameter`, `InvalidTemplate`) in scripts, commands, values and contents; the native API and `chandler extension lint` refuse them, too',
    reason:
      'there is no parameter store, and they would be run as this very text; give the value as a noEcho parameter',
  },
  {
    about: 'permissions of instances',
    choice:
      'asked of the role of each instance when it is handed the template (`oos:GetTemplate`) and its object (`oss:GetBucketAcl`, `oss:GetObject`)',
    reason: 'here the server gives instances what they need: they sign no requests of their own',
  },
]
