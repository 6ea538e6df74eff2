import { apiCommand, type Register } from '../api-command.ts'

/** `chandler access-key hash`: the server keeps a hash in place of the encrypted secret. */
export const registerAccessKeyHash: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'hash <id>',
    'replace the encrypted secret of a key by its hash; the key cannot sign requests of the OOS API any more',
    async ({ client, print }, id: string) => {
      await client.accessKeys.hash(id)
      print({ id }, () => context.out.line(`${id}: the server has only a hash of the secret`))
    },
  )
}
