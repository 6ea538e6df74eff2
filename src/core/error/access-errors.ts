import type { ErrorEntry } from './error-entry.ts'

/** The part of the error catalogue (errors.ts) about who may do what. */
export const accessErrors = {
  SignInFailed: {
    status: 401,
    text: 'Name and password do not fit.',
    next: 'Try again. An administrator can set another password with `chandler user set-password NAME`.',
  },
  SessionEnded: {
    status: 401,
    text: 'The session has ended.',
    next: 'Sign in again.',
  },
  PasswordWrong: {
    status: 403,
    text: 'The old password is not right.',
    next: 'Type the password that you signed in with.',
  },
  PasswordWeak: {
    status: 400,
    text: 'The password is too easy to guess: {reason}.',
    next: 'Take several unrelated words, or have a password manager make one.',
  },
  SessionNotFound: {
    status: 404,
    text: 'There is no session {id} in this account, or it has ended.',
    next: 'See the ids with `chandler session list`.',
  },
  ForeignPageRefused: {
    status: 403,
    text: 'This request changes something in the name of whoever is signed in, and does not come from a page of this server.',
    next: 'Use the console at its own address; programs use an access key. A proxy in front of the server must hand on the Host header.',
  },
  AccessDenied: {
    status: 403,
    text: '{principal} may not do {action} on {resource}: {reason}.',
    next: 'Ask for a policy that allows it, or use the access key of a user who may (docs/access.md).',
  },
  UserNotFound: {
    status: 404,
    text: 'There is no user named "{name}" in this account.',
    next: 'See the names with `chandler user list`.',
  },
  UserNameTaken: {
    status: 409,
    text: 'This account already has a user named "{name}".',
    next: 'Choose another name.',
  },
  UserInUse: {
    status: 409,
    text: 'User "{name}" cannot be deleted: {reason}.',
    next: 'Detach its policies and disable its access keys first, or force the deletion, which ends both.',
  },
  RoleNotFound: {
    status: 404,
    text: 'There is no role named "{name}" in this account.',
    next: 'See the names with `chandler role list`.',
  },
  RoleNameTaken: {
    status: 409,
    text: 'This account already has a role named "{name}".',
    next: 'Choose another name.',
  },
  RoleInUse: {
    status: 409,
    text: 'Role "{name}" cannot be deleted: {reason}.',
    next: 'Give those another role first, or force the deletion: instances that have it are given nothing any more.',
  },
  PolicyNotFound: {
    status: 404,
    text: 'There is no policy named "{name}" in this account.',
    next: 'See the names with `chandler policy list`.',
  },
  PolicyNameTaken: {
    status: 409,
    text: 'There already is a policy named "{name}".',
    next: 'Change it with `chandler policy update`, or choose another name.',
  },
  PolicyInUse: {
    status: 409,
    text: 'Policy "{name}" cannot be deleted: {reason}.',
    next: 'Detach it there first, or force the deletion, which detaches it.',
  },
  PolicyInvalid: {
    status: 400,
    text: 'The policy is not well-formed: {problem}.',
    next: 'Correct what `problems` names; docs/access.md shows how a policy is written.',
  },
  PolicyNotAttached: {
    status: 404,
    text: 'Policy "{policy}" is not attached to {principal}.',
    next: 'See what is attached with `chandler user show` and `chandler role show`.',
  },
  BuiltInUnchangeable: {
    status: 409,
    text: '{what} is built in: it cannot be {change}.',
    next: 'Make another one beside it.',
  },
} as const satisfies Record<string, ErrorEntry>
