import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly version?: string
  readonly force?: boolean
}

export const registerExtensionDelete: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'delete <name>',
    'delete an extension or one of its versions, unless it is in use',
    async ({ client, options, print }, name: string) => {
      const force = options.force ?? false
      const { version } = options
      if (version === undefined) await client.extensions.delete(name, { force })
      else await client.extensions.deleteVersion(name, version, { force })
      print({ name, ...(version !== undefined && { version }) }, () =>
        context.out.line(`${[name, version].filter(Boolean).join(' ')} deleted`),
      )
    },
  )
    .option('--version <vN>', 'delete only this version')
    .option('--force', 'delete it even if it is installed on instances')
}
