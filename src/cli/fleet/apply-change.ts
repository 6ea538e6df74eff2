import type { Client } from '../../client/client.ts'
import type { FleetChange } from '../../core/assignment/plan-fleet.ts'
import type { FleetFile } from '../../protocol/fleet-file.ts'
import { type ReadVariable, readWebhookEntry } from './automation-objects.ts'
import { findFileValues, parseValuesName } from './value-objects.ts'

/** Makes one planned change on the server. @throws UsageError if a variable that the file names is not set */
export async function applyChange(
  client: Client,
  file: FleetFile,
  { kind, name, action }: FleetChange,
  readVariable: ReadVariable,
): Promise<void> {
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
      const { absent: _, ...definition } = entryOf(file.assignments, name)
      await client.assignments.put({ name, ...definition }, { keepSecrets: true })
      return
    }
    case 'values': {
      const { scope, subject, extension } = parseValuesName(name)
      const values = action === 'delete' ? {} : findFileValues(file, name)
      await client.values.put(extension, { scope, subject, values })
      return
    }
    case 'schedule': {
      if (action === 'delete') return client.schedules.delete(name)
      await client.schedules.put(name, { ...entryOf(file.schedules, name), keepSecrets: true })
      return
    }
    case 'webhook': {
      if (action === 'delete') return client.webhooks.delete(name)
      await client.webhooks.put(name, readWebhookEntry(name, entryOf(file.webhooks, name), readVariable))
      return
    }
    case 'freeze': {
      if (action === 'delete') return client.freezes.delete(name)
      await client.freezes.put({ name, ...entryOf(file.freezes, name) })
      return
    }
    case 'policy': {
      if (action === 'delete') return client.policies.delete(name)
      const policy = entryOf(file.policies, name)
      await (action === 'create' ? client.policies.create({ name, ...policy }) : client.policies.update(name, policy))
    }
  }
}

function entryOf<Entry>(section: Readonly<Record<string, Entry>> | undefined, name: string): Entry {
  const entry = section && Object.hasOwn(section, name) ? section[name] : undefined
  if (entry === undefined) throw new Error(`the plan names ${name}, which is not in the file`)
  return entry
}
