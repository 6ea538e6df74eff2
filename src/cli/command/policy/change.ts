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
    'create a policy from a RAM policy document (JSON or YAML)',
    async ({ client, options: { description }, print }, name: string, file: string) => {
      const document = await readPolicyFile(file)
      await client.policies.create({ name, document, ...(description !== undefined && { description }) })
      print({ name }, () => context.out.line(`${name} created; attach it with \`chandler user attach USER ${name}\``))
    },
  ).option('--description <text>', 'description (free text)')
  apiCommand<Options>(
    parent,
    context,
    'update <name> <file>',
    'replace the document of a policy',
    async ({ client, options: { description }, print }, name: string, file: string) => {
      const document = await readPolicyFile(file)
      await client.policies.update(name, { document, ...(description !== undefined && { description }) })
      print({ name }, () => context.out.line(`${name} updated for all users and roles it is attached to`))
    },
  ).option('--description <text>', 'description (free text; default: unchanged)')
  apiCommand<{ readonly force?: boolean }>(
    parent,
    context,
    'delete <name>',
    'delete a policy',
    async ({ client, options, print }, name: string) => {
      await client.policies.delete(name, options)
      print({ name }, () => context.out.line(`${name} deleted`))
    },
  ).option('--force', 'delete it even if it is attached to users or roles (detaches it from them)')
}
