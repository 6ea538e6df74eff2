import { apiCommand, type Register } from '../api-command.ts'
import { readPolicyFile } from './read-policy-file.ts'

interface Options {
  readonly description?: string
}

export const registerPolicyChange: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create <name> <file>',
    'make a policy of a RAM document (JSON or YAML)',
    async ({ client, options: { description }, print }, name: string, file: string) => {
      const document = await readPolicyFile(file)
      await client.policies.create({ name, document, ...(description !== undefined && { description }) })
      print({ name }, () =>
        context.out.line(`${name} is there; \`chandler user attach USER ${name}\` gives it to a user`),
      )
    },
  ).option('--description <text>', 'what it is for')
  apiCommand<Options>(
    parent,
    context,
    'update <name> <file>',
    'give a policy another document, for all who have it',
    async ({ client, options: { description }, print }, name: string, file: string) => {
      const document = await readPolicyFile(file)
      await client.policies.update(name, { document, ...(description !== undefined && { description }) })
      print({ name }, () => context.out.line(`${name} is changed for all who have it`))
    },
  ).option('--description <text>', 'what it is for (else as it was)')
  apiCommand<{ readonly force?: boolean }>(
    parent,
    context,
    'delete <name>',
    'delete a policy',
    async ({ client, options, print }, name: string) => {
      await client.policies.delete(name, options)
      print({ name }, () => context.out.line(`${name} is deleted`))
    },
  ).option('--force', 'also if users or roles have it, which lose it then')
}
