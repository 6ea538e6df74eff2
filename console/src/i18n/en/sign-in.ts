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
  secondFactor: {
    menu: 'Second factor',
    title: 'Second factor',
    intro:
      'With a second factor, signing in with your password also takes a code of an authenticator app. Enter your password to set one up.',
    next: 'Next',
    scan: 'Scan this QR code with your authenticator app, or enter the key. Then enter the code that the app shows.',
    qrCode: 'QR code for the authenticator app',
    key: 'Key',
    code: 'Code',
    codeHint: 'Six digits of your authenticator app, or a recovery code.',
    firstCodeHint: 'Six digits.',
    codeMissing: 'Enter a code.',
    enable: 'Enable',
    codesTitle: 'Recovery codes',
    codesDetail:
      'The second factor is enabled, and your other sessions have ended. Keep these codes in a safe place: each replaces one code of the app, once. They are not shown again.',
    isEnabled: (left: number) => `The second factor is enabled. Recovery codes left: ${left}.`,
    disableDetail: 'To remove it, or to get new recovery codes, enter a code and set it up again.',
    disable: 'Remove',
    disabled: 'Second factor removed.',
  },
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
