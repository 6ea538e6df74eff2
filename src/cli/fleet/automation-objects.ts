import type { FleetObjects } from '../../core/assignment/plan-fleet.ts'
import { eventTypes } from '../../core/notification/event.ts'
import { findFormat, maskWebhookUrl } from '../../core/notification/parse-webhook.ts'
import type { PolicyView } from '../../protocol/api/access.ts'
import type { WebhookReplacement, WebhookView } from '../../protocol/api/automation/webhooks.ts'
import type { FreezeView } from '../../protocol/api/timing.ts'
import type { FleetFile, FleetFileInput } from '../../protocol/fleet-file.ts'
import { UsageError } from '../usage-error.ts'

/** Reads an environment variable. */
export type ReadVariable = (name: string) => string | undefined
type WebhookEntry = NonNullable<FleetFile['webhooks']>[string]

/**
 * A webhook of a file as the server takes it; secrets are read from the environment.
 * @throws UsageError if a variable is not set
 */
export function readWebhookEntry(
  name: string,
  { url, format, events, secret }: WebhookEntry,
  readVariable: ReadVariable,
): WebhookReplacement {
  const valueOf = ({ env }: { readonly env: string }, field: string): string => {
    const value = readVariable(env)
    if (value === undefined)
      throw new UsageError(
        `webhooks.${name}.${field}: the environment variable ${env} is not set`,
        'Set it for this command.',
      )
    return value
  }
  return {
    ...(url !== undefined && { url: typeof url === 'string' ? url : valueOf(url, 'url') }),
    ...(format && { format }),
    ...(events && { events }),
    ...(secret && { serviceSecret: valueOf(secret, 'secret') }),
  }
}

const sortEvents = (events: readonly string[]) => eventTypes.filter((type) => events.includes(type))

export const describeServerWebhooks = (webhooks: readonly WebhookView[]): FleetObjects =>
  Object.fromEntries(
    webhooks.map(({ name, url, format, events }) => [name, { url, format, events: sortEvents(events) }]),
  )

/** As the server shows them: secret parts of a URL, and secrets, are not compared. */
export const describeFileWebhooks = (
  wanted: NonNullable<FleetFile['webhooks']>,
  known: readonly WebhookView[],
  readVariable: ReadVariable,
): FleetObjects =>
  Object.fromEntries(
    Object.entries(wanted).map(([name, entry]) => {
      const { url, format: given, events = eventTypes } = readWebhookEntry(name, entry, readVariable)
      const before = known.find((webhook) => webhook.name === name)
      const address = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
      const format = given ?? (address ? findFormat(address) : before?.format)
      const shown = address && format ? maskWebhookUrl(address, format) : before?.url
      return [name, { url: shown, format, events: sortEvents(events) }]
    }),
  )

export const exportWebhooks = (webhooks: readonly WebhookView[]): NonNullable<FleetFileInput['webhooks']> =>
  Object.fromEntries(
    webhooks.map(({ name, url, urlHidden, format, events }) => [
      name,
      {
        ...(!urlHidden && { url }),
        format,
        ...(events.length < eventTypes.length && { events: sortEvents(events) }),
      },
    ]),
  )

const instant = (text: string) => new Date(text).toISOString()

export const describeServerFreezes = (freezes: readonly FreezeView[]): FleetObjects =>
  Object.fromEntries(
    freezes.map(({ name, beginsAt, endsAt }) => [name, { beginsAt: instant(beginsAt), endsAt: instant(endsAt) }]),
  )

/**
 * A freeze that has ended is not wanted any more. An absent begin is that of the server.
 * @param now in ms since 1970
 */
export const describeFileFreezes = (
  wanted: NonNullable<FleetFile['freezes']>,
  known: readonly FreezeView[],
  now: number,
): FleetObjects =>
  Object.fromEntries(
    Object.entries(wanted)
      .filter(([, { endsAt }]) => Date.parse(endsAt) > now)
      .map(([name, { beginsAt, endsAt }]) => {
        const begins = beginsAt ?? known.find((freeze) => freeze.name === name)?.beginsAt
        return [name, { ...(begins !== undefined && { beginsAt: instant(begins) }), endsAt: instant(endsAt) }]
      }),
  )

export const exportFreezes = (freezes: readonly FreezeView[]): NonNullable<FleetFileInput['freezes']> =>
  Object.fromEntries(freezes.map(({ name, beginsAt, endsAt }) => [name, { beginsAt, endsAt }]))

export const describePolicies = (policies: readonly PolicyView[]): FleetObjects =>
  Object.fromEntries(policies.map(({ name, description, document }) => [name, { description, document }]))

export const exportPolicies = (policies: readonly PolicyView[]): NonNullable<FleetFileInput['policies']> =>
  Object.fromEntries(
    policies.map(({ name, description, document }) => [name, { ...(description !== '' && { description }), document }]),
  )
