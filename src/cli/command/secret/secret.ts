import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { askSecret } from '../../ask-secret.ts'
import type { CliContext } from '../../context.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerSecretSet: Register = (parent, context) => {
  apiCommand<{ readonly file?: string }>(
    parent,
    context,
    'set <name>',
    'create a secret, or replace its value; it is prompted for, or read from standard input or a file',
    async ({ client, options, print }, name: string) => {
      await client.secrets.put(name, await readValue(context, options.file))
      print({ name }, () => context.out.line(`${name} set; use it as the value secret:${name} of a secret parameter`))
    },
  ).option('--file <path>', 'file with the value; a final line end is removed')
}

export const registerSecretList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list the names of the secrets', async ({ client, print }) => {
    const { items } = await client.secrets.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'changed', text: ({ updatedAt }) => showInstant(updatedAt) },
          { title: 'changed by', text: ({ updatedBy }) => updatedBy },
        ],
        'no secrets; create one with `chandler secret set NAME`',
      ),
    )
  }).alias('ls')
}

export const registerSecretDelete: Register = (parent, context) => {
  apiCommand<{ readonly force?: boolean }>(
    parent,
    context,
    'delete <name>',
    'delete a secret',
    async ({ client, options: { force }, print }, name: string) => {
      await client.secrets.delete(name, { force })
      print({ name }, () => context.out.line(`${name} deleted`))
    },
  ).option('--force', 'delete it even if assignments or declared values refer to it')
}

/** Never from an argument, which other users of the machine see. */
async function readValue(context: CliContext, file: string | undefined): Promise<string> {
  const { stdin } = context
  const given =
    file !== undefined
      ? await readFile(file, 'utf8').catch((error: Error) => {
          throw new UsageError(`${file} cannot be read: ${error.message}`)
        })
      : stdin.isTTY === true
        ? await askSecret(context, 'Value: ')
        : await text(stdin)
  const value = given.replace(/\r?\n$/, '')
  if (value === '') throw new UsageError('the value is missing', 'Write it to standard input, or use --file.')
  return value
}
