import { askSecret } from '../../ask-secret.ts'
import { showInstant } from '../../output/format.ts'
import { printFields } from '../../output/table.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerSecondFactor: Register = (parent, context) => {
  const askCode = async (prompt: string) => {
    if (context.stdin.isTTY !== true)
      throw new UsageError('this command asks for passwords and codes', 'Run it in a terminal, or use the console.')
    return askSecret(context, prompt)
  }
  apiCommand(
    parent,
    context,
    'show-second-factor [name]',
    'show whether a user signs in with a code of an authenticator app (default: you)',
    async ({ client, print }, name?: string) => {
      const userName = name ?? (await client.whoami.get()).userName
      const state = await client.secondFactor.get(userName)
      print({ userName, ...state }, () =>
        printFields(context.out, [
          ['user', userName],
          ['second factor', state.enabled ? 'authenticator app' : 'none'],
          ['since', state.enabledAt && showInstant(state.enabledAt)],
          ['recovery codes left', state.enabled ? String(state.recoveryCodesLeft) : undefined],
        ]),
      )
    },
  )
  apiCommand(
    parent,
    context,
    'enable-second-factor',
    'set up an authenticator app for your password, and print recovery codes',
    async ({ client, print }) => {
      const { secret, uri } = await client.secondFactor.begin(await askCode('Your password: '))
      context.err.line('Add this account to your authenticator app:')
      context.err.line(uri)
      context.err.line(`or enter the key ${secret}`)
      const { recoveryCodes } = await client.secondFactor.enable(await askCode('Code of the app: '))
      context.err.line('Keep these recovery codes in a safe place. Each replaces one code, once:')
      print({ recoveryCodes }, () => {
        for (const code of recoveryCodes) context.out.line(code)
      })
    },
  )
  apiCommand(
    parent,
    context,
    'disable-second-factor',
    'remove your authenticator app; asks for a code or a recovery code',
    async ({ client, print }) => {
      await client.secondFactor.disable(await askCode('Code: '))
      print({ enabled: false }, () => context.out.line('second factor removed'))
    },
  )
  apiCommand(
    parent,
    context,
    'remove-second-factor <name>',
    'remove the authenticator app of a user who has lost it',
    async ({ client, print }, name: string) => {
      await client.secondFactor.remove(name)
      print({ name }, () => context.out.line(`${name} signs in with the password only`))
    },
  )
}
