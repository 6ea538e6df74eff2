import { text } from 'node:stream/consumers'
import { maxPasswordLength, minPasswordLength } from '../../../core/limits.ts'
import { askSecret } from '../../ask-secret.ts'
import type { CliContext } from '../../context.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerUserSetPassword: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'set-password <name>',
    'set the console password of a user, from CHANDLER_NEW_PASSWORD, a prompt or standard input',
    async ({ client, print }, name: string) => {
      const password = await readPassword(context)
      await client.passwords.set(name, { password })
      print({ name }, () => context.out.line(`password of ${name} changed; all sessions of the user have ended`))
    },
  )
}

/** Never an option: other users of the machine can see the arguments of a process. */
async function readPassword(context: CliContext): Promise<string> {
  const given = context.settings.newPassword
  const isAsking = given === undefined && context.stdin.isTTY === true
  const password =
    given ?? (isAsking ? await askSecret(context, 'New password: ') : (await text(context.stdin)).replace(/\r?\n$/, ''))
  if (password.length < minPasswordLength || password.length > maxPasswordLength)
    throw new UsageError(
      `a password has ${minPasswordLength} to ${maxPasswordLength} characters`,
      'Choose another password.',
    )
  if (isAsking && (await askSecret(context, 'Repeat the password: ')) !== password)
    throw new UsageError('the passwords do not match', 'Try again.')
  return password
}
