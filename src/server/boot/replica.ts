import type { InstanceId, ServerId } from '../../core/id.ts'
import { agentHeartbeatMs } from '../../core/limits.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { WakeHub } from '../../lib/wake-hub.ts'
import type { Database } from '../../store/database/database.ts'
import { type Channel, notifyReplicas, type ReplicaListener } from '../../store/server/notifications.ts'
import { countLiveServers, deleteDeadServers, deleteServer, updateHeartbeat } from '../../store/server/servers.ts'
import type { Changed } from '../app/context.ts'

/**
 * This server among its replicas: writes heartbeats, forwards nudges and change notifications, and
 * receives those of the others.
 */
export interface Replica {
  /** Nudges agents that are connected to other servers. */
  nudgeOthers(instanceIds: readonly InstanceId[]): void
  changed(what: readonly Changed[]): void
  disconnect(instanceIds: readonly InstanceId[]): void
  reconnect(instanceIds: readonly InstanceId[]): void
  close(): Promise<void>
}

const relistenMs = 2_000
const checkListenerEveryMs = 10_000
/** Clients that show a list need no faster change notifications. */
const listPauseMs = 1_000
const isList = (what: Changed) => what.includes('/')

/**
 * Registers this server. Correctness does not depend on these messages: timers find what a lost
 * message announced. While this server is alone it sends none, since a notification serialises
 * commits. Resolves when the first heartbeat is in the database.
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
    // A message proves that its sender is alive: from now on this server sends messages, too.
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
        log.warn('lost the connection for messages of other servers; reconnecting', { error: String(error) })
      }
      await clock.wait(relistenMs, stop.signal)
    }
  }

  function announce(channel: Channel, ids: readonly string[]): void {
    if (alone || ids.length === 0) return
    notifyReplicas(database, channel, serverId, ids).catch((error) =>
      log.debug('other servers were not notified; their timers find the changes', { channel, error: String(error) }),
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
    for (const id of ids) pending.add(id)
  }

  await beat()
  // Servers that were alone until now learn that they no longer are.
  announce('chandler_changed', [serverId])
  const loops = [keepBeating(), keepListening()]
  return {
    nudgeOthers: (instanceIds) => announce('chandler_nudge', instanceIds),
    changed(what) {
      hub.wake(what)
      // Lists change with every agent that connects or disconnects: list changes are sent at
      // intervals, changes of executions immediately.
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
