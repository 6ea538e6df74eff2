import { listRoles } from '../../../core/trust/change-keys.ts'
import { parseSshPublicKey } from '../../../lib/ssh-signature.ts'
import { printTable } from '../../output/table.ts'
import { readTrust } from '../../trust/read-trust.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { readPresentTrust } from './change.ts'

interface Options {
  readonly trust?: string
}

/** `chandler key list`: the keys of a trust file with their roles. */
export const registerKeyList: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'list',
    'list the keys of the published trust file, or of a file, with their roles',
    async ({ client, options, print }) => {
      const { name, content } = await readPresentTrust(client, options.trust)
      const file = readTrust(name, content)
      const keys = Object.entries(file.keys).map(([key, line]) => {
        const { type, fingerprint } = parseSshPublicKey(line)
        return { name: key, type, fingerprint, roles: listRoles(file, key) }
      })
      print(keys, () =>
        printTable(
          context.out,
          keys,
          [
            { title: 'name', text: (one) => one.name },
            { title: 'type', text: ({ type }) => type },
            { title: 'fingerprint', text: ({ fingerprint }) => fingerprint },
            { title: 'roles', text: ({ roles }) => (roles.length > 0 ? roles.join('; ') : 'none') },
          ],
          'no keys',
        ),
      )
    },
  ).option('--trust <file>', 'a trust file (default: the published one)')
}
