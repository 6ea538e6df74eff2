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
    'give a user another password for the console; it is asked for, or read from standard input or CHANDLER_NEW_PASSWORD',
    async ({ client, print }, name: string) => {
      const password = await readPassword(context)
      await client.passwords.set(name, { password })
      print({ name }, () => context.out.line(`${name} has another password; their sessions have ended`))
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
      'Choose another one.',
    )
  if (isAsking && (await askSecret(context, 'Once more: ')) !== password)
    throw new UsageError('the two are not the same', 'Try again.')
  return password
}
