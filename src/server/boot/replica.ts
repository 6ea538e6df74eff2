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
  readonly listen: (hear: (channel: Channel, words: string[]) => void) => Promise<ReplicaListener>
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

  function hear(channel: Channel, words: string[]): void {
    // Whoever says something is there: from now on it is answered too.
    alone = false
    switch (channel) {
      case 'chandler_nudge':
        return options.nudgeHere(words as InstanceId[])
      case 'chandler_disconnect':
        return options.disconnectHere(words as InstanceId[])
      case 'chandler_reconnect':
        return options.reconnectHere(words as InstanceId[])
      case 'chandler_changed':
        return hub.wake(words)
    }
  }

  async function keepListening(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        const listener = await options.listen(hear)
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

  function tell(channel: Channel, words: readonly string[]): void {
    if (alone || words.length === 0) return
    notifyReplicas(database, channel, serverId, words).catch((error) =>
      log.debug('other servers were not told; their timers find out', { channel, error: String(error) }),
    )
  }

  const untold = new Set<string>()
  let telling: Timer | undefined
  function tellSoon(words: readonly string[]): void {
    if (alone || words.length === 0) return
    if (untold.size === 0)
      telling = clock.setTimeout(() => {
        const told = [...untold]
        untold.clear()
        tell('chandler_changed', told)
      }, listPauseMs)
    for (const word of words) untold.add(word)
  }

  await beat()
  // Those who were alone until now hear that they are not.
  tell('chandler_changed', [serverId])
  const loops = [keepBeating(), keepListening()]
  return {
    nudgeOthers: (instanceIds) => tell('chandler_nudge', instanceIds),
    changed(what) {
      hub.wake(what)
      // Lists change with every agent that comes and goes: they are told now and then, executions at once.
      const [lists, executions] = [what.filter(isList), what.filter((one) => !isList(one))]
      tell('chandler_changed', executions)
      tellSoon(lists)
    },
    disconnect(instanceIds) {
      options.disconnectHere(instanceIds)
      tell('chandler_disconnect', instanceIds)
    },
    reconnect(instanceIds) {
      options.reconnectHere(instanceIds)
      tell('chandler_reconnect', instanceIds)
    },
    async close() {
      stop.abort()
      telling?.cancel()
      await Promise.all(loops)
      await deleteServer(database, serverId)
    },
  }
}
