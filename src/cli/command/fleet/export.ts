import { stringify } from 'yaml'
import { exportFleet, fleetSections, loadFleet } from '../../fleet/fleet-objects.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerExport: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'export',
    'print the fleet as a file for `chandler apply`; secret values are missing',
    async ({ client, print }) => {
      const denied = new Set<string>()
      const server = await loadFleet(client, fleetSections, (section, { message }) => {
        denied.add(section)
        context.err.line(`${section} are left out: ${message}`)
      })
      const readable = fleetSections.filter((section) => !denied.has(section))
      const file = exportFleet(server, readable)
      print(file, () => context.out.write(stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })))
    },
  )
}
