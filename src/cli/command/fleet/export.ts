import { stringify } from 'yaml'
import { exportFleet, loadFleet } from '../../fleet/fleet-objects.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerExport: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'export',
    'print channels, groups and assignments as a file for `chandler apply`; secret values are missing',
    async ({ client, print }) => {
      const file = exportFleet(await loadFleet(client))
      print(file, () => context.out.write(stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })))
    },
  )
}
