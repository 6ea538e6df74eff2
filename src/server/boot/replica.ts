import type { InstanceId, ServerId } from '../../core/id.ts'
import { agentHeartbeatMs } from '../../core/limits.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { WakeHub } from '../../lib/wake-hub.ts'
import type { Database } from '../../store/database/database.ts'
import { type Channel, notifyReplicas, type ReplicaListener } from '../../store/server/notifications.ts'
import { countLiveServers, deleteDeadServers, deleteServer, updateHeartbeat } from '../../store/server/servers.ts'
import type { Changed } from '../app/context.ts'

/** This server among its like: says that it lives, passes nudges and changes on to the others, hears theirs. */
export interface Replica {
  /** For agents that are not connected here. */
  nudgeOthers(instanceIds: readonly InstanceId[]): void
  changed(what: readonly Changed[]): void
  disconnect(instanceIds: readonly InstanceId[]): void
  reconnect(instanceIds: readonly InstanceId[]): void
  close(): Promise<void>
}

const relistenMs = 2_000
const checkListenerEveryMs = 10_000
/** Whoever shows a list need not hear of its changes sooner. */
const listPauseMs = 1_000
const isList = (what: Changed) => what.includes('/')

/**
 * Nothing here is needed for correctness: whatever gets lost, timers find. While this server is alone nothing is sent at all, since
 * a notification makes every commit wait for the one before it. Resolves when the first heartbeat is in the database.
 */
export async function joinReplicas(options: {
  readonly serverId: ServerId
  readonly hostName: string
  readonly database: Database
  readonly listen: (onMessage: (channel: Channel, ids: string[]) => void) => Promise<ReplicaListener>
  readonly hub: WakeHub
  readonly nudgeHere: (instanceIds: readonly InstanceId[]) => void
  readonly disconnectHere: (instanceIds: readonly InstanceId[]) => void
  readonly reconnectHere: (instanceIds: readonly InstanceId[]) => void
  readonly clock: Clock
  readonly log: Logger
}): Promise<Replica> {
  const { serverId, database, hub, clock, log } = options
  const stop = new AbortController()
  let alone = true

  async function beat(): Promise<void> {
    await updateHeartbeat(database, serverId, options.hostName)
    alone = (await countLiveServers(database)) <= 1
    await deleteDeadServers(database)
  }

  async function keepBeating(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.wait(agentHeartbeatMs, stop.signal)
      if (stop.signal.aborted) return
      await beat().catch((error) => log.warn('the heartbeat of this server was not written', { error: String(error) }))
    }
  }

  function onMessage(channel: Channel, ids: string[]): void {
    // Whoever says something is there: from now on it is answered too.
    alone = false
    switch (channel) {
      case 'chandler_nudge':
        return options.nudgeHere(ids as InstanceId[])
      case 'chandler_disconnect':
        return options.disconnectHere(ids as InstanceId[])
      case 'chandler_reconnect':
        return options.reconnectHere(ids as InstanceId[])
      case 'chandler_changed':
        return hub.wake(ids)
    }
  }

  async function keepListening(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        const listener = await options.listen(onMessage)
        const ended = AbortSignal.any([stop.signal, listener.gone])
        while (!ended.aborted) {
          await clock.wait(checkListenerEveryMs, ended)
          if (!ended.aborted) await listener.check()
        }
        await listener.end()
      } catch (error) {
        log.warn('other servers cannot be heard; listening again', { error: String(error) })
      }
      await clock.wait(relistenMs, stop.signal)
    }
  }

  function announce(channel: Channel, ids: readonly string[]): void {
    if (alone || ids.length === 0) return
    notifyReplicas(database, channel, serverId, ids).catch((error) =>
      log.debug('other servers were not told; their timers find out', { channel, error: String(error) }),
    )
  }

  const pending = new Set<string>()
  let telling: Timer | undefined
  function announceSoon(ids: readonly string[]): void {
    if (alone || ids.length === 0) return
    if (pending.size === 0)
      telling = clock.setTimeout(() => {
        const announced = [...pending]
        pending.clear()
        announce('chandler_changed', announced)
      }, listPauseMs)
    for (const word of ids) pending.add(word)
  }

  await beat()
  // Those who were alone until now hear that they are not.
  announce('chandler_changed', [serverId])
  const loops = [keepBeating(), keepListening()]
  return {
    nudgeOthers: (instanceIds) => announce('chandler_nudge', instanceIds),
    changed(what) {
      hub.wake(what)
      // Lists change with every agent that comes and goes: they are told now and then, executions at once.
      const [lists, executions] = [what.filter(isList), what.filter((one) => !isList(one))]
      announce('chandler_changed', executions)
      announceSoon(lists)
    },
    disconnect(instanceIds) {
      options.disconnectHere(instanceIds)
      announce('chandler_disconnect', instanceIds)
    },
    reconnect(instanceIds) {
      options.reconnectHere(instanceIds)
      announce('chandler_reconnect', instanceIds)
    },
    async close() {
      stop.abort()
      telling?.cancel()
      await Promise.all(loops)
      await deleteServer(database, serverId)
    },
  }
}
