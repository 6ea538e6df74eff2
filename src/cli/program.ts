import { Command } from 'commander'
import { registerAccessKeyCreate } from './command/access-key/create.ts'
import { registerAccessKeyDelete } from './command/access-key/delete.ts'
import { registerAccessKeyHash } from './command/access-key/hash.ts'
import { registerAccessKeyList } from './command/access-key/list.ts'
import { registerAccessKeySwitch } from './command/access-key/switch.ts'
import { registerAgent } from './command/agent.ts'
import type { Register } from './command/api-command.ts'
import {
  registerAssignmentDelete,
  registerAssignmentHalt,
  registerAssignmentResume,
} from './command/assignment/control.ts'
import { registerAssignmentCreate } from './command/assignment/create.ts'
import { registerAssignmentList, registerAssignmentShow } from './command/assignment/show.ts'
import { registerAuditExport, registerAuditReceivers, registerAuditVerify } from './command/audit.ts'
import { registerAuditLog } from './command/audit-log.ts'
import { registerBucketCreate } from './command/bucket/create.ts'
import { registerBucketDelete } from './command/bucket/delete.ts'
import { registerBucketList } from './command/bucket/list.ts'
import { registerCompletion } from './command/completion.ts'
import {
  registerExecutionApprove,
  registerExecutionPlanBytes,
  registerExecutionReject,
  registerExecutionSignatures,
} from './command/execution/approve.ts'
import { registerExecutionControls } from './command/execution/control.ts'
import { registerExecutionDelete } from './command/execution/delete.ts'
import { registerExecutionFailures } from './command/execution/failures.ts'
import { registerExecutionList } from './command/execution/list.ts'
import { registerExecutionRetry } from './command/execution/retry.ts'
import { registerExecutionRollback } from './command/execution/rollback.ts'
import { registerExecutionRunTask } from './command/execution/run-task.ts'
import { registerExecutionShow } from './command/execution/show.ts'
import { registerExecutionSkip } from './command/execution/skip.ts'
import { registerExecutionTag } from './command/execution/tag.ts'
import { registerExtensionCreate, registerExtensionUpdate } from './command/extension/create.ts'
import { registerExtensionDelete } from './command/extension/delete.ts'
import { registerExtensionDeprecate } from './command/extension/deprecate.ts'
import { registerExtensionLint } from './command/extension/lint.ts'
import { registerExtensionList } from './command/extension/list.ts'
import { registerExtensionPromote } from './command/extension/promote.ts'
import { registerExtensionShow } from './command/extension/show.ts'
import { registerExtensionExport, registerExtensionSign, registerExtensionVerify } from './command/extension/sign.ts'
import { registerExtensionTag } from './command/extension/tag.ts'
import { registerApply, registerDiff } from './command/fleet/apply.ts'
import { registerExport } from './command/fleet/export.ts'
import { registerFreezeCreate } from './command/freeze/create.ts'
import { registerFreezeDelete } from './command/freeze/delete.ts'
import { registerFreezeList } from './command/freeze/list.ts'
import { registerGroupCreate, registerGroupDelete, registerGroupUpdate } from './command/group/change.ts'
import { registerGroupList } from './command/group/list.ts'
import { registerGroupShow } from './command/group/show.ts'
import { registerInstanceApprove } from './command/instance/approve.ts'
import { registerInstanceHistory } from './command/instance/history.ts'
import { registerInstanceList } from './command/instance/list.ts'
import { registerInstanceReject } from './command/instance/reject.ts'
import { registerInstanceRelease } from './command/instance/release.ts'
import { registerInstanceRemove } from './command/instance/remove.ts'
import { registerInstanceSetRole } from './command/instance/set-role.ts'
import { registerInstanceShow } from './command/instance/show.ts'
import { registerInstanceSimulate } from './command/instance/simulate.ts'
import { registerInstanceTag } from './command/instance/tag.ts'
import { registerInstanceWait } from './command/instance/wait.ts'
import { registerKeyAdd, registerKeyRevoke, registerKeyRotate } from './command/key/change.ts'
import { registerKeyGenerate } from './command/key/generate.ts'
import { registerKeyList } from './command/key/list.ts'
import { registerLogin } from './command/login.ts'
import { registerLogout } from './command/logout.ts'
import { registerLogs } from './command/logs.ts'
import { registerObjectDelete } from './command/object/delete.ts'
import { registerObjectGet } from './command/object/get.ts'
import { registerObjectList } from './command/object/list.ts'
import { registerObjectPut } from './command/object/put.ts'
import { registerPackage } from './command/package.ts'
import { registerPlan } from './command/plan.ts'
import { registerPolicyChange } from './command/policy/change.ts'
import { registerPolicyList } from './command/policy/list.ts'
import { roleCommands, userCommands } from './command/principal/principal.ts'
import { registerRepair } from './command/repair.ts'
import { registerRun } from './command/run.ts'
import { registerScheduleControls } from './command/schedule/control.ts'
import { registerScheduleCreate } from './command/schedule/create.ts'
import { registerScheduleDelete } from './command/schedule/delete.ts'
import { registerScheduleList } from './command/schedule/list.ts'
import { registerScheduleRun } from './command/schedule/run-now.ts'
import { registerScheduleShow } from './command/schedule/show.ts'
import { registerSecretDelete, registerSecretList, registerSecretSet } from './command/secret/secret.ts'
import { registerServer } from './command/server.ts'
import { registerSessionEnd } from './command/session/end.ts'
import { registerSessionList } from './command/session/list.ts'
import { registerInstall, registerUninstall, registerUpdate } from './command/start.ts'
import { registerTokenCreate } from './command/token/create.ts'
import { registerTokenList } from './command/token/list.ts'
import { registerTokenRevoke } from './command/token/revoke.ts'
import { registerSignAgent } from './command/trust/agent-bundle.ts'
import { registerTrustShow, registerTrustUpdate } from './command/trust/trust-file.ts'
import { registerSecondFactor } from './command/user/second-factor.ts'
import { registerUserSetPassword } from './command/user/set-password.ts'
import { registerValueList, registerValueRemove, registerValueSet } from './command/value/value.ts'
import { registerWebhookCreate } from './command/webhook/create.ts'
import { registerWebhookDelete } from './command/webhook/delete.ts'
import { registerWebhookDeliveries } from './command/webhook/deliveries.ts'
import { registerWebhookList } from './command/webhook/list.ts'
import { registerWebhookReplay } from './command/webhook/replay.ts'
import { registerWebhookTest } from './command/webhook/send-test.ts'
import { registerWebhookShow } from './command/webhook/show.ts'
import { registerWhoami } from './command/whoami.ts'
import type { CliContext } from './context.ts'

const nouns: readonly { name: string; description: string; commands: readonly Register[] }[] = [
  {
    name: 'extension',
    description: 'manage extensions: the software to install, update and remove',
    commands: [
      registerExtensionLint,
      registerExtensionCreate,
      registerExtensionUpdate,
      registerExtensionList,
      registerExtensionShow,
      registerExtensionSign,
      registerExtensionExport,
      registerExtensionVerify,
      registerExtensionTag,
      registerExtensionPromote,
      registerExtensionDeprecate,
      registerExtensionDelete,
    ],
  },
  {
    name: 'instance',
    description: 'manage instances: the servers with an agent',
    commands: [
      registerInstanceList,
      registerInstanceShow,
      registerInstanceHistory,
      registerInstanceTag,
      registerInstanceWait,
      registerInstanceSetRole,
      registerInstanceApprove,
      registerInstanceReject,
      registerInstanceRelease,
      registerInstanceRemove,
      registerInstanceSimulate,
    ],
  },
  {
    name: 'group',
    description: 'manage groups: saved filters over instances, for --targets group:NAME',
    commands: [registerGroupCreate, registerGroupList, registerGroupShow, registerGroupUpdate, registerGroupDelete],
  },
  {
    name: 'assignment',
    description: 'manage assignments: what the instances of a group should have',
    commands: [
      registerAssignmentCreate,
      registerAssignmentList,
      registerAssignmentShow,
      registerAssignmentHalt,
      registerAssignmentResume,
      registerAssignmentDelete,
    ],
  },
  {
    name: 'execution',
    description: 'watch, control and retry executions',
    commands: [
      registerExecutionList,
      registerExecutionShow,
      registerExecutionFailures,
      registerExecutionControls,
      registerExecutionRetry,
      registerExecutionRollback,
      registerExecutionApprove,
      registerExecutionReject,
      registerExecutionSignatures,
      registerExecutionPlanBytes,
      registerExecutionSkip,
      registerExecutionRunTask,
      registerExecutionTag,
      registerExecutionDelete,
    ],
  },
  {
    name: 'key',
    description: 'generate, list, rotate and revoke the keys that sign for instances with a trust file',
    commands: [registerKeyGenerate, registerKeyList, registerKeyAdd, registerKeyRotate, registerKeyRevoke],
  },
  {
    name: 'audit',
    description: 'verify and export the audit log (`chandler audit-log` lists entries)',
    commands: [registerAuditVerify, registerAuditExport, registerAuditReceivers],
  },
  {
    name: 'package',
    description: 'install, update and remove OS packages with the package manager of the instances',
    commands: [registerPackage],
  },
  {
    name: 'bucket',
    description: 'manage buckets for package files',
    commands: [registerBucketCreate, registerBucketList, registerBucketDelete],
  },
  {
    name: 'object',
    description: 'manage package files in buckets (BUCKET/KEY)',
    commands: [registerObjectPut, registerObjectList, registerObjectGet, registerObjectDelete],
  },
  {
    name: 'secret',
    description: 'manage secrets, which values of secret parameters refer to as secret:NAME',
    commands: [registerSecretSet, registerSecretList, registerSecretDelete],
  },
  {
    name: 'value',
    description: 'manage parameter values of groups, tags and instances',
    commands: [registerValueSet, registerValueList, registerValueRemove],
  },
  {
    name: 'freeze',
    description: 'manage freezes: times in which nothing starts in the account',
    commands: [registerFreezeCreate, registerFreezeList, registerFreezeDelete],
  },
  {
    name: 'schedule',
    description: 'manage schedules: executions that start at the times of a cron expression',
    commands: [
      registerScheduleCreate,
      registerScheduleList,
      registerScheduleShow,
      registerScheduleControls,
      registerScheduleRun,
      registerScheduleDelete,
    ],
  },
  {
    name: 'webhook',
    description: 'manage webhooks: receivers of events such as a finished execution or a required approval',
    commands: [
      registerWebhookCreate,
      registerWebhookList,
      registerWebhookShow,
      registerWebhookTest,
      registerWebhookDeliveries,
      registerWebhookReplay,
      registerWebhookDelete,
    ],
  },
  {
    name: 'token',
    description: 'manage join tokens, which enrol instances',
    commands: [registerTokenCreate, registerTokenList, registerTokenRevoke],
  },
  {
    name: 'user',
    description: 'manage users and their policies',
    commands: [...userCommands, registerUserSetPassword, registerSecondFactor],
  },
  {
    name: 'role',
    description: 'manage roles of instances and their policies',
    commands: roleCommands,
  },
  {
    name: 'policy',
    description: 'manage policies for users and roles',
    commands: [registerPolicyChange, registerPolicyList],
  },
  {
    name: 'access-key',
    description: 'manage access keys for the CLI and the API',
    commands: [
      registerAccessKeyCreate,
      registerAccessKeyList,
      registerAccessKeyHash,
      registerAccessKeySwitch,
      registerAccessKeyDelete,
    ],
  },
  {
    name: 'trust',
    description: 'publish the trust file (the keys that sign what instances run), and sign agents',
    commands: [registerTrustUpdate, registerTrustShow, registerSignAgent],
  },
  {
    name: 'session',
    description: 'list and end console sessions',
    commands: [registerSessionList, registerSessionEnd],
  },
]

/** The whole command line; every command prints to the context and sets its exit code. */
export function createProgram(context: CliContext, version: string): Command {
  const program = new Command('chandler')
    .description('Install, update and remove your own software on any number of servers, in controlled batches.')
    .version(version)
    // `install demo --version v1` means the extension’s version: options of the program precede the
    // command.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
      getOutHasColors: () => context.out.hasStyles,
      getErrHasColors: () => context.err.hasStyles,
      getOutHelpWidth: () => context.out.columns,
      getErrHelpWidth: () => context.err.columns,
    })
    .showSuggestionAfterError()
  for (const register of [
    registerPlan,
    registerInstall,
    registerUpdate,
    registerUninstall,
    registerRepair,
    registerRun,
  ])
    register(program, context)
  for (const { name, description, commands } of nouns) {
    const noun = program.command(name).description(description)
    for (const register of commands) register(noun, context)
  }
  const others = [
    registerApply,
    registerDiff,
    registerExport,
    registerLogs,
    registerAuditLog,
    registerLogin,
    registerLogout,
    registerWhoami,
    registerServer,
    registerAgent,
    registerCompletion,
  ]
  for (const register of others) register(program, context)
  return program
}
