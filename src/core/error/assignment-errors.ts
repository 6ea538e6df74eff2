import type { ErrorEntry } from './error-entry.ts'

/** Errors of groups and of what their instances should have; part of the catalogue in errors.ts. */
export const assignmentErrors = {
  ChannelNotFound: {
    status: 404,
    text: 'Extension "{name}" has no channel {channel}.',
    next: 'Promote a version to it with `chandler extension promote {name} vN --channel {channel}`; `chandler extension show {name}` lists channels.',
  },
  ChannelInvalid: {
    status: 400,
    text: 'The channel "{channel}" {reason}.',
    next: 'Use a name such as stable or beta.',
  },
  GroupNotFound: {
    status: 404,
    text: 'There is no group {name}.',
    next: 'List the groups with `chandler group list`. A resource group is resource-group:{name}.',
  },
  GroupExists: {
    status: 409,
    text: 'There is already a group {name}.',
    next: 'Change it with `chandler group update {name}`, or choose another name.',
  },
  GroupInvalid: {
    status: 400,
    text: 'The filter of the group {name} is invalid: {reason}.',
    next: 'Use conditions such as os=debian,tag:env=prod (docs/cli.md lists them), or all.',
  },
  GroupsTooMany: {
    status: 409,
    text: 'The account has {max} groups, which is the limit.',
    next: 'Delete a group that is no longer used with `chandler group delete NAME`.',
  },
  GroupInUse: {
    status: 409,
    text: 'The group {name} cannot be deleted: it is used by {assignments}.',
    next: 'Delete these assignments with `chandler assignment delete NAME`, or change their group.',
  },
  AssignmentNotFound: {
    status: 404,
    text: 'There is no assignment {name}.',
    next: 'List the assignments with `chandler assignment list`.',
  },
  AssignmentExists: {
    status: 409,
    text: 'There is already an assignment {name}.',
    next: 'Choose another name, or replace it with --replace.',
  },
  AssignmentsTooMany: {
    status: 409,
    text: 'The account has {max} assignments, which is the limit.',
    next: 'Delete an assignment that is no longer used with `chandler assignment delete NAME`.',
  },
  ValuesInvalid: {
    status: 400,
    text: 'The values of {extension} are invalid: {reason}.',
    next: 'See the parameters with `chandler extension show {extension}`, and the declared values with `chandler value list`.',
  },
  SecretNotFound: {
    status: 404,
    text: 'There is no secret {name}.',
    next: 'Set it with `chandler secret set {name}`; `chandler secret list` lists the secrets.',
  },
  SecretInUse: {
    status: 409,
    text: 'The secret {name} cannot be deleted: {users} refer to it.',
    next: 'Change what refers to it, or delete it with --force.',
  },
  SecretsTooMany: {
    status: 409,
    text: 'The account has {max} secrets, which is the limit.',
    next: 'Delete a secret that is no longer used with `chandler secret delete NAME`.',
  },
  GroupUnconfirmed: {
    status: 409,
    text: 'The group {name} now matches all {total} instances; at its last use it matched {matching} of {known}.',
    next: 'Check it with `chandler group show {name}`. To use it as it is, repeat the command with --confirm-targets.',
  },
} as const satisfies Record<string, ErrorEntry>
