export const signIn = {
  title: 'Sign in',
  intro: 'Install, update and remove your own software on your servers.',
  userName: 'User name',
  password: 'Password',
  submit: 'Sign in',
  withProvider: (name: string) => `Sign in with ${name}`,
  ssoFailed: (code: string) =>
    code === 'SsoUnreachable'
      ? 'The identity provider cannot be reached. Sign in with your user name and password, or try again later.'
      : code === 'SsoNameTaken'
        ? 'Another user of this server has your name. Ask an administrator.'
        : `The sign-in at the identity provider failed (${code}). Try again, or ask an administrator.`,
  userNameMissing: 'Enter your user name.',
  passwordMissing: 'Enter your password.',
  showPassword: 'Show password',
  ended: 'Your session has ended. Sign in again to continue where you left off.',
  help: 'No password yet?',
  helpFirstStart: 'On its first start, the server prints the password of the user admin together with its access key.',
  helpCommand: 'With an access key, set a password on the command line:',
  change: {
    title: 'Change your password',
    old: 'Current password',
    new: 'New password',
    newHint: (length: number) => `At least ${length} characters. Use a few unrelated words.`,
    again: 'Confirm new password',
    different: 'The passwords do not match.',
    tooShort: (length: number) => `Use at least ${length} characters.`,
    oldMissing: 'Enter your current password.',
    submit: 'Change password',
    changed: 'Password changed. Your other sessions have ended.',
  },
}
