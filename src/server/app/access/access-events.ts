import { getAccessKey } from '../../../store/access/access-keys.ts'
import { getPasswordHash } from '../../../store/access/sessions.ts'
import type { Actor, AppContext } from '../context.ts'
import { writeAudit } from './write-audit.ts'

/** A refused request, as the audit log records it. */
export interface AccessEvent {
  readonly action: 'SignInFailed' | 'AuthenticationFailed' | 'EnrolmentRefused' | 'RequestRefused'
  /** The user, if known. */
  readonly actor: Pick<Actor, 'accountId' | 'name' | 'accessKeyId'> | undefined
  readonly source: string
  /**
   * The claimed names, which may not exist: recorded only if they do, because users type passwords
   * into name fields.
   */
  readonly claims?: { readonly user?: string | undefined; readonly accessKey?: string | undefined }
  readonly resource: string
  readonly detail: Readonly<Record<string, unknown>>
}

/**
 * Records refused requests in the audit log with a limit, so that they cannot fill it: per address
 * and kind the first few of a minute have an entry each, the others one entry with their number at
 * the end of the minute.
 */
export interface AccessEvents {
  note(event: AccessEvent): void
  /** Writes the pending counts and stops. */
  close(): Promise<void>
}

const windowMs = 60_000
const maxWrittenPerSource = 10
/**
 * Of all addresses together. With the entries of counts it limits the rows to 400 per minute,
 * whatever the attack.
 */
const maxWritten = 200
/** Addresses that are counted separately; requests from further ones are counted together. */
const maxSources = 200

/** Replaces the name of an unknown user. No user can have it. */
const unknownUser = '-'

interface Group {
  readonly first: AccessEvent
  readonly source: string
  written: number
  counted: number
}

export function createAccessEvents(
  context: Pick<AppContext, 'database' | 'clock' | 'log'>,
  accountId: Actor['accountId'],
): AccessEvents {
  const { database, clock, log } = context
  let groups = new Map<string, Group>()
  let written = 0
  let timer: { cancel(): void } | undefined
  let writing: Promise<void> = Promise.resolve()

  /** Writes sequentially: refusals use at most one connection of the pool. */
  function enqueue(write: () => Promise<void>): void {
    writing = writing
      .then(write)
      .catch((error: unknown) => log.warn('a refused request was not recorded in the audit log', { error }))
  }

  function find(event: AccessEvent): Group {
    const key = `${event.action} ${event.source}`
    const known = groups.get(key)
    if (known) return known
    const isMore = groups.size >= maxSources
    const source = isMore ? 'many addresses' : event.source
    const group = (isMore && groups.get(`${event.action} ${source}`)) || {
      first: event,
      source,
      written: 0,
      counted: 0,
    }
    groups.set(isMore ? `${event.action} ${source}` : key, group)
    return group
  }

  function endWindow(): void {
    timer = undefined
    const ended = [...groups.values()].filter(({ counted }) => counted > 0)
    groups = new Map()
    written = 0
    for (const { first, source, counted } of ended) {
      const actor = { accountId: first.actor?.accountId ?? accountId, name: unknownUser, source }
      enqueue(() => writeAudit(database, actor, first.action, '*', { more: counted }))
    }
  }

  return {
    note(event) {
      timer ??= clock.setTimeout(endWindow, windowMs, { unref: true })
      const group = find(event)
      if (group.written >= maxWrittenPerSource || written >= maxWritten) {
        group.counted++
        return
      }
      group.written++
      written++
      enqueue(() => writeEvent(context, accountId, event))
    },
    async close() {
      timer?.cancel()
      endWindow()
      await writing
    },
  }
}

async function writeEvent(
  { database }: Pick<AppContext, 'database'>,
  accountId: Actor['accountId'],
  { action, actor, source, claims, resource, detail }: AccessEvent,
): Promise<void> {
  if (actor) return writeAudit(database, { ...actor, source }, action, resource, detail)
  if (claims?.user !== undefined) {
    const isUser = (await getPasswordHash(database, accountId, claims.user)) !== undefined
    const named = isUser ? `user/${claims.user}` : resource
    return writeAudit(database, { accountId, name: isUser ? claims.user : unknownUser, source }, action, named, detail)
  }
  const key = claims?.accessKey === undefined ? undefined : await getAccessKey(database, claims.accessKey)
  const known = key && { accountId: key.accountId, name: key.userName, accessKeyId: key.id }
  return writeAudit(
    database,
    { accountId, name: unknownUser, ...known, source },
    action,
    key ? `access-key/${key.id}` : resource,
    detail,
  )
}
