import { apiCommand, type Register } from '../api-command.ts'

export const registerExtensionDeprecate: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'deprecate <name> <version>',
    'allow no new installs of a version; it can still be uninstalled',
    async ({ client, print }, name: string, version: string) => {
      await client.extensions.deprecateVersion(name, version)
      print({ name, version, deprecated: true }, () => context.out.line(`${name} ${version} is deprecated`))
    },
  )
  apiCommand(
    parent,
    context,
    'undeprecate <name> <version>',
    'allow installs of a version again',
    async ({ client, print }, name: string, version: string) => {
      await client.extensions.undeprecateVersion(name, version)
      print({ name, version, deprecated: false }, () => context.out.line(`${name} ${version} can be installed again`))
    },
  )
}
