import type { ErrorEntry } from './error-entry.ts'

/** The part of the error catalogue (errors.ts) about sign-in, permissions, users, roles and policies. */
export const accessErrors = {
  SignInFailed: {
    status: 401,
    text: 'The user name or the password is wrong.',
    next: 'Try again. An administrator can set a new password with `chandler user set-password NAME`.',
  },
  SessionEnded: {
    status: 401,
    text: 'The session has ended.',
    next: 'Sign in again.',
  },
  SecondFactorRequired: {
    status: 403,
    text: 'This user signs in with a password and a code.',
    next: 'Enter the code of the authenticator app, or a recovery code.',
  },
  SecondFactorWrong: {
    status: 403,
    text: 'The code is wrong, has expired, or was used before.',
    next: 'Wait for the next code of the authenticator app and check the clock of the phone, or enter a recovery code. An administrator can remove the second factor with `chandler user remove-second-factor NAME`.',
  },
  SecondFactorExists: {
    status: 409,
    text: 'User "{name}" already has a second factor.',
    next: 'Remove it first.',
  },
  SecondFactorNotBegun: {
    status: 409,
    text: 'There is no second factor to change.',
    next: 'Set one up first with `chandler user enable-second-factor`, or in the menu of the user in the console.',
  },
  SecondFactorNeedsPassword: {
    status: 409,
    text: 'User "{name}" has no password: the second factor belongs to a password.',
    next: 'Users of an identity provider use its second factor; service accounts have none.',
  },
  PasswordWrong: {
    status: 403,
    text: 'The current password is wrong.',
    next: 'Enter the password that you signed in with.',
  },
  PasswordWeak: {
    status: 400,
    text: 'The password is too easy to guess: {reason}.',
    next: 'Use several unrelated words or a generated password.',
  },
  SessionNotFound: {
    status: 404,
    text: 'Session {id} does not exist in this account, or it has ended.',
    next: 'List the ids with `chandler session list`.',
  },
  ForeignPageRefused: {
    status: 403,
    text: 'A request that uses the session cookie must come from a page of this server.',
    next: 'Open the console at the URL of the server. Use an access key for programs. A proxy in front of the server must forward the Host header.',
  },
  AccessKeyCannotSign: {
    status: 403,
    text: 'Access key {id} cannot sign requests of the OOS API: the server has only a hash of its secret.',
    next: 'Create a key for the OOS API with `chandler access-key create --oos`.',
  },
  AccessKeySecretShort: {
    status: 400,
    text: 'The secret of access key {id} is shorter than {min} characters and could be guessed from its hash.',
    next: 'Create a new key with `chandler access-key create`, and delete this one.',
  },
  AccessDenied: {
    status: 403,
    text: '{principal} is not allowed to perform {action} on {resource}: {reason}.',
    next: 'Ask an administrator for a policy that allows it, or use the access key of a user with the permission (docs/access.md).',
  },
  DecisiveTagAllowed: {
    status: 403,
    text: 'Agents may not set the tag "{tag}": the permissions of user {user} depend on it.',
    next: 'Set the tag with `chandler token create --tag {tag}=VALUE`, or ask a user whose permissions do not depend on it.',
  },
  SsoNotConfigured: {
    status: 404,
    text: 'This server has no identity provider.',
    next: 'Sign in with name and password, or set `oidcIssuer` (docs/sso.md).',
  },
  SsoNotStarted: {
    status: 400,
    text: 'The sign-in was not started in this browser, or more than ten minutes ago.',
    next: 'Start again on the sign-in page.',
  },
  SsoUnreachable: {
    status: 503,
    text: 'The identity provider cannot be reached: {reason}.',
    next: 'Sign in with name and password, or try again when the provider is available.',
  },
  SsoRefused: {
    status: 403,
    text: 'The sign-in at the identity provider was refused: {reason}.',
    next: 'Start again on the sign-in page; the log of the server has the details.',
  },
  SsoNoDeviceFlow: {
    status: 409,
    text: 'The identity provider offers no sign-in on another device (device flow).',
    next: 'Enable the device authorisation grant for the client of this server (docs/sso.md), or use an access key.',
  },
  DeviceSignInUnknown: {
    status: 403,
    text: 'This sign-in has expired, or another server began it.',
    next: 'Start again with `chandler login --sso`.',
  },
  SsoNameMissing: {
    status: 403,
    text: 'The identity provider sent "{name}", which cannot be the name of a user.',
    next: 'Set `oidcUserClaim` to a claim with 1 to 64 letters, digits, ".", "_", "-" and "@" (docs/sso.md).',
  },
  SsoNameTaken: {
    status: 403,
    text: 'Another user of this server has the name "{name}".',
    next: 'Delete that user, or set `oidcUserClaim` to another claim (docs/sso.md).',
  },
  ServiceAccountPassword: {
    status: 409,
    text: 'User "{name}" is a service account, which has no password.',
    next: 'Create an access key with `chandler access-key create --user {name}`.',
  },
  ServiceKeyTooLong: {
    status: 400,
    text: 'An access key of the service account "{name}" expires after at most {days} days.',
    next: 'Choose a shorter lifetime; a service account can have several keys, so that you can replace one before it expires.',
  },
  UserNotFound: {
    status: 404,
    text: 'User "{name}" does not exist in this account.',
    next: 'List the names with `chandler user list`.',
  },
  UserNameTaken: {
    status: 409,
    text: 'This account already has a user named "{name}".',
    next: 'Choose another name.',
  },
  UserInUse: {
    status: 409,
    text: 'User "{name}" cannot be deleted: {reason}.',
    next: 'Detach its policies and disable its access keys first, or force the deletion, which does both.',
  },
  RoleNotFound: {
    status: 404,
    text: 'Role "{name}" does not exist in this account.',
    next: 'List the names with `chandler role list`.',
  },
  RoleNameTaken: {
    status: 409,
    text: 'This account already has a role named "{name}".',
    next: 'Choose another name.',
  },
  RoleInUse: {
    status: 409,
    text: 'Role "{name}" cannot be deleted: {reason}.',
    next: 'Assign another role to them first, or force the deletion: the server then hands no work to instances with this role.',
  },
  PolicyNotFound: {
    status: 404,
    text: 'Policy "{name}" does not exist in this account.',
    next: 'List the names with `chandler policy list`.',
  },
  PolicyNameTaken: {
    status: 409,
    text: 'This account already has a policy named "{name}".',
    next: 'Change it with `chandler policy update`, or choose another name.',
  },
  PolicyInUse: {
    status: 409,
    text: 'Policy "{name}" cannot be deleted: {reason}.',
    next: 'Detach it first, or force the deletion, which detaches it.',
  },
  PolicyInvalid: {
    status: 400,
    text: 'The policy is invalid: {problem}.',
    next: 'Correct the errors listed in `problems`; docs/access.md describes policy documents.',
  },
  PolicyNotAttached: {
    status: 404,
    text: 'Policy "{policy}" is not attached to {principal}.',
    next: 'List the attached policies with `chandler user show` or `chandler role show`.',
  },
  BuiltInUnchangeable: {
    status: 409,
    text: '{what} is built in: it cannot be {change}.',
    next: 'Create a new one instead.',
  },
} as const satisfies Record<string, ErrorEntry>
