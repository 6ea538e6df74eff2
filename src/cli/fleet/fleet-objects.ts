import type { Client } from '../../client/client.ts'
import { itemsOf } from '../../client/pages.ts'
import type { Fleet } from '../../core/assignment/plan-fleet.ts'
import type { AssignmentView } from '../../protocol/api/assignment/assignments.ts'
import type { GroupView } from '../../protocol/api/assignment/groups.ts'
import type { ExtensionView } from '../../protocol/api/extensions.ts'
import { rateControlInputSchema } from '../../protocol/api/rate-control.ts'
import type { FleetFile, FleetFileInput } from '../../protocol/fleet-file.ts'

/** Everything on the server that a fleet file can describe. */
export interface ServerFleet {
  readonly extensions: readonly ExtensionView[]
  readonly groups: readonly GroupView[]
  readonly assignments: readonly AssignmentView[]
}

export async function loadFleet(client: Client): Promise<ServerFleet> {
  const extensions: ExtensionView[] = []
  for await (const extension of itemsOf(client.extensions.list)) extensions.push(extension)
  const { items: groups } = await client.groups.list()
  const { items: assignments } = await client.assignments.list()
  return { extensions, groups, assignments }
}

/** Channels are named `EXTENSION/CHANNEL`. */
const channelName = (extension: string, channel: string) => `${extension}/${channel}`

/** As the plan compares it. */
export function describeServer({ extensions, groups, assignments }: ServerFleet): Required<Fleet> {
  return {
    channel: Object.fromEntries(
      extensions.flatMap(({ name, channels }) =>
        Object.entries(channels).map(([channel, version]) => [channelName(name, channel), { version }]),
      ),
    ),
    group: Object.fromEntries(groups.map(({ name, filter, description }) => [name, { filter, description }])),
    assignment: Object.fromEntries(assignments.map((one) => [one.name, describeAssignment(one)])),
  }
}

const describeAssignment = (assignment: AssignmentView) => ({
  description: assignment.description,
  group: assignment.group,
  extension: assignment.extension,
  version: assignment.version,
  parameters: assignment.parameters,
  secretParameters: assignment.secretParameters.toSorted(),
  rateControl: rateControlInputSchema.parse(assignment.rateControl),
  window: assignment.window,
  priority: assignment.priority,
})

/**
 * The same of a file. A section that is absent is left out. Values of parameters that are secret on
 * the server cannot be compared: only their names are.
 */
export function describeFile({ extensions, groups, assignments }: FleetFile, server: ServerFleet): Fleet {
  const channels =
    extensions &&
    Object.entries(extensions).flatMap(([name, one]) =>
      Object.entries(one.channels ?? {}).map(([channel, version]) => [
        channelName(name, channel),
        { version: `v${version.replace(/^v/i, '')}` },
      ]),
    )
  return {
    ...(channels && { channel: Object.fromEntries(channels) }),
    ...(groups && { group: groups }),
    ...(assignments && {
      assignment: Object.fromEntries(
        Object.entries(assignments).map(([name, { absent: _, parameters, ...one }]) => {
          const known = server.assignments.find((assignment) => assignment.name === name)?.secretParameters ?? []
          const secretParameters = Object.keys(parameters)
            .filter((key) => known.includes(key))
            .toSorted()
          const open = Object.fromEntries(Object.entries(parameters).filter(([key]) => !known.includes(key)))
          return [name, { ...one, parameters: open, secretParameters }]
        }),
      ),
    }),
  }
}

/** The file that describes the server; secret values are missing. */
export const exportFleet = ({ extensions, groups, assignments }: ServerFleet): FleetFileInput => ({
  extensions: Object.fromEntries(
    extensions
      .filter(({ channels }) => Object.keys(channels).length > 0)
      .map(({ name, channels }) => [name, { channels }]),
  ),
  groups: Object.fromEntries(
    groups.map(({ name, filter, description }) => [name, { filter, ...(description !== '' && { description }) }]),
  ),
  assignments: Object.fromEntries(
    assignments.map((one) => {
      const { description, group, extension, version, parameters, rateControl, window, priority } = one
      return [
        one.name,
        {
          group,
          extension,
          ...(version === undefined ? { absent: true as const } : { version }),
          ...(Object.keys(parameters).length > 0 && { parameters }),
          rateControl,
          ...(window !== undefined && { window }),
          ...(priority !== 0 && { priority }),
          ...(description !== '' && { description }),
        },
      ]
    }),
  ),
})
