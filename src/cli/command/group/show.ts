import { showInstant } from '../../output/format.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { showSize } from './change.ts'

export const registerGroupShow: Register = (parent, context) => {
  apiCommand(parent, context, 'show <name>', 'show a group', async ({ client, print }, name: string) => {
    const group = await client.groups.get(name)
    print(group, () => {
      const { out } = context
      out.line(`${group.name}: ${showSize(group)}`)
      if (group.description !== '') out.line(`description: ${group.description}`)
      out.line(`filter: ${group.filter}`)
      out.line(`created by ${group.createdBy}, changed ${showInstant(group.updatedAt)}`)
      out.line(`  to list its instances: chandler instance list --targets group:${group.name}`)
    })
  })
}
