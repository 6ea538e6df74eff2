import type { Client } from '../../client/client.ts'
import { ClientError } from '../../client/client-error.ts'
import { itemsOf, type PageQuery, type ResultPage } from '../../client/pages.ts'
import type { Fleet, FleetKind, FleetObjects } from '../../core/assignment/plan-fleet.ts'
import type { PolicyView } from '../../protocol/api/access.ts'
import type { AssignmentView } from '../../protocol/api/assignment/assignments.ts'
import type { GroupView } from '../../protocol/api/assignment/groups.ts'
import type { DeclaredValuesView } from '../../protocol/api/assignment/values.ts'
import type { ScheduleView } from '../../protocol/api/automation/schedules.ts'
import type { WebhookView } from '../../protocol/api/automation/webhooks.ts'
import type { ExtensionView } from '../../protocol/api/extensions.ts'
import { rateControlInputSchema } from '../../protocol/api/rate-control.ts'
import type { FreezeView } from '../../protocol/api/timing.ts'
import type { FleetFile, FleetFileInput } from '../../protocol/fleet-file.ts'
import {
  describeFileFreezes,
  describeFileWebhooks,
  describePolicies,
  describeServerFreezes,
  describeServerWebhooks,
  exportFreezes,
  exportPolicies,
  exportWebhooks,
  type ReadVariable,
} from './automation-objects.ts'
import { describeFileSchedules, describeServerSchedules, exportSchedules } from './schedule-objects.ts'
import { describeFileValues, describeServerValues, exportValues } from './value-objects.ts'

/** What the server has of everything that a fleet file can describe; absent: it was not read. */
export interface ServerFleet {
  readonly extensions: readonly ExtensionView[]
  readonly groups: readonly GroupView[]
  readonly assignments: readonly AssignmentView[]
  readonly values: readonly DeclaredValuesView[]
  readonly schedules: readonly ScheduleView[]
  readonly webhooks: readonly WebhookView[]
  readonly freezes: readonly FreezeView[]
  /** Without the built-in ones, which cannot be changed. */
  readonly policies: readonly PolicyView[]
}
type Section = keyof ServerFleet & keyof FleetFile
export const fleetSections = [
  'extensions',
  'groups',
  'assignments',
  'values',
  'schedules',
  'webhooks',
  'freezes',
  'policies',
] as const satisfies readonly Section[]

const loaders: { readonly [Name in Section]: (client: Client) => Promise<ServerFleet[Name]> } = {
  extensions: ({ extensions }) => collectPages(extensions.list),
  groups: async ({ groups }) => (await groups.list()).items,
  assignments: async ({ assignments }) => (await assignments.list()).items,
  values: async ({ values }) => (await values.list()).items,
  schedules: async ({ schedules }) => (await schedules.list()).items,
  webhooks: async ({ webhooks }) => (await webhooks.list()).items,
  freezes: async ({ freezes }) => (await freezes.list()).items,
  policies: async ({ policies }) => (await collectPages(policies.list)).filter(({ builtIn }) => !builtIn),
}

/**
 * Reads sections of the server; the others are empty.
 * @param onDenied called for a section that the user may not list; absent: that is an error
 */
export async function loadFleet(
  client: Client,
  sections: readonly Section[],
  onDenied?: (section: Section, error: ClientError) => void,
): Promise<ServerFleet> {
  const fleet: Record<Section, readonly unknown[]> = {
    extensions: [],
    groups: [],
    assignments: [],
    values: [],
    schedules: [],
    webhooks: [],
    freezes: [],
    policies: [],
  }
  for (const section of sections) {
    try {
      fleet[section] = await loaders[section](client)
    } catch (error) {
      if (!onDenied || !(error instanceof ClientError) || error.status !== 403) throw error
      onDenied(section, error)
    }
  }
  return fleet as unknown as ServerFleet
}

/** The sections that a file has. */
export const sectionsOf = (file: FleetFile): readonly Section[] =>
  fleetSections.filter((section) => file[section] !== undefined)

async function collectPages<Item>(list: (query: PageQuery) => Promise<ResultPage<Item>>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of itemsOf(list)) items.push(item)
  return items
}

/** Channels are named `EXTENSION/CHANNEL`. */
const channelName = (extension: string, channel: string) => `${extension}/${channel}`

/** As the plan compares it. */
export function describeServer(server: ServerFleet): Record<FleetKind, FleetObjects> {
  const { extensions, groups, assignments, values, schedules, webhooks, freezes, policies } = server
  return {
    policy: describePolicies(policies),
    freeze: describeServerFreezes(freezes),
    webhook: describeServerWebhooks(webhooks),
    channel: Object.fromEntries(
      extensions.flatMap(({ name, channels }) =>
        Object.entries(channels).map(([channel, version]) => [channelName(name, channel), { version }]),
      ),
    ),
    group: Object.fromEntries(groups.map(({ name, filter, description }) => [name, { filter, description }])),
    values: describeServerValues(values),
    schedule: describeServerSchedules(schedules),
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
  repair: assignment.repair,
})

/**
 * The same of a file. A section that is absent is left out. Values of parameters that are secret on
 * the server cannot be compared: only their names are.
 * @param now in ms since 1970
 * @throws UsageError if the file names an environment variable that is not set
 */
export function describeFile(
  { extensions, groups, assignments, values, schedules, webhooks, freezes, policies }: FleetFile,
  server: ServerFleet,
  { readVariable, now }: { readonly readVariable: ReadVariable; readonly now: number },
): Fleet {
  const channels =
    extensions &&
    Object.entries(extensions).flatMap(([name, one]) =>
      Object.entries(one.channels ?? {}).map(([channel, version]) => [
        channelName(name, channel),
        { version: `v${version.replace(/^v/i, '')}` },
      ]),
    )
  return {
    ...(policies && { policy: policies }),
    ...(freezes && { freeze: describeFileFreezes(freezes, server.freezes, now) }),
    ...(values && { values: describeFileValues(values) }),
    ...(schedules && { schedule: describeFileSchedules(schedules, server.schedules) }),
    ...(webhooks && { webhook: describeFileWebhooks(webhooks, server.webhooks, readVariable) }),
    ...(channels && { channel: Object.fromEntries(channels) }),
    ...(groups && { group: groups }),
    ...(assignments && {
      assignment: Object.fromEntries(
        Object.entries(assignments).map(([name, { absent: _, parameters, ...one }]) => {
          // Secret values that the file does not have remain: their names never differ.
          const known = server.assignments.find((assignment) => assignment.name === name)?.secretParameters ?? []
          const secretParameters = known.toSorted()
          const open = Object.fromEntries(Object.entries(parameters).filter(([key]) => !known.includes(key)))
          return [name, { ...one, parameters: open, secretParameters }]
        }),
      ),
    }),
  }
}

/** The file that describes sections of the server; secret values are missing. */
export const exportFleet = (server: ServerFleet, sections: readonly Section[]): FleetFileInput => {
  const all = exportAll(server)
  return Object.fromEntries(sections.map((section) => [section, all[section]]))
}

const exportAll = ({
  extensions,
  groups,
  assignments,
  values,
  schedules,
  webhooks,
  freezes,
  policies,
}: ServerFleet) => ({
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
      const { description, group, extension, version, parameters, rateControl, window, priority, repair } = one
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
          ...(repair && { repair }),
          ...(description !== '' && { description }),
        },
      ]
    }),
  ),
  values: exportValues(values),
  schedules: exportSchedules(schedules),
  webhooks: exportWebhooks(webhooks),
  freezes: exportFreezes(freezes),
  policies: exportPolicies(policies),
})
