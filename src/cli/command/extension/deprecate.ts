import { apiCommand, type Register } from '../api-command.ts'

export const registerExtensionDeprecate: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'deprecate <name> <version>',
    'deprecate a version: prevent new installs; uninstalling still works',
    async ({ client, print }, name: string, version: string) => {
      await client.extensions.deprecateVersion(name, version)
      print({ name, version, deprecated: true }, () => context.out.line(`${name} ${version} deprecated`))
    },
  )
  apiCommand(
    parent,
    context,
    'undeprecate <name> <version>',
    'allow installs of a deprecated version again',
    async ({ client, print }, name: string, version: string) => {
      await client.extensions.undeprecateVersion(name, version)
      print({ name, version, deprecated: false }, () => context.out.line(`${name} ${version} can be installed again`))
    },
  )
}
