import type { Client } from '../../client/client.ts'
import type { FleetChange } from '../../core/assignment/plan-fleet.ts'
import type { FleetFile } from '../../protocol/fleet-file.ts'

/** Makes one planned change on the server. */
export async function applyChange(client: Client, file: FleetFile, { kind, name, action }: FleetChange): Promise<void> {
  switch (kind) {
    case 'channel': {
      const [extension = '', channel = ''] = name.split('/')
      if (action === 'delete') return client.extensions.deleteChannel(extension, channel)
      await client.extensions.promote(extension, channel, file.extensions?.[extension]?.channels?.[channel] ?? '')
      return
    }
    case 'group': {
      if (action === 'delete') return client.groups.delete(name)
      const { filter = '', description = '' } = file.groups?.[name] ?? {}
      await (action === 'create'
        ? client.groups.create({ name, filter, description })
        : client.groups.update(name, { filter, description }))
      return
    }
    case 'assignment': {
      if (action === 'delete') return client.assignments.delete(name)
      const wanted = file.assignments?.[name]
      if (!wanted) throw new Error(`the plan names ${name}, which is not in the file`)
      const { absent: _, ...definition } = wanted
      await client.assignments.put({ name, ...definition })
    }
  }
}
