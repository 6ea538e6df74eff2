import { unwatchFile, watchFile } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { CloudFacts, Facts } from '../../core/instance/facts.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { createMachine } from '../platform/create-machine.ts'
import type { HostMachine } from '../platform/machine.ts'
import { CodeTrust, type TrustState } from '../trust/code-trust.ts'
import { readAgentProgram } from './agent-program.ts'
import { readAgentVersion } from './agent-version.ts'
import type { CloudOptions } from './cloud-facts.ts'
import { fitFacts, type WireFacts } from './fit-facts.ts'
import { readHostFacts } from './host-facts.ts'
import { detectVirtualization } from './virtualization.ts'

export interface FactsSource {
  /** The current facts. */
  current(): WireFacts
  /** Called when facts have changed, also when the cloud's facts arrive. */
  onChange(listener: (facts: WireFacts) => void): void
  close(): void
}

export interface FactsOptions {
  readonly stateDirectory: string
  readonly clock: Clock
  readonly log: Logger
  /** Absent: this one. */
  readonly machine?: HostMachine
  readonly metadataUrls?: CloudOptions['metadataUrls']
  readonly releaseLookMs?: number
}

const refreshMs = 10 * 60_000
/**
 * Scopes match the version of the OS, so an upgrade has to be noticed soon. A check costs one stat.
 */
const defaultReleaseLookMs = 5_000
/** Free space changes all the time; the agent reports it when it has changed by this much. */
const diskFreeTolerance = 0.05

/** Resolves with the facts of the machine; the query of the cloud runs in the background. */
export async function createFactsSource(options: FactsOptions): Promise<FactsSource> {
  const { stateDirectory, clock, log, machine = createMachine(), metadataUrls } = options
  const { releaseLookMs: interval = defaultReleaseLookMs } = options
  const dmi = await machine.readFirmware()
  // Constant during the life of a process.
  const agentProgram = await readAgentProgram()
  const constant = {
    virtualization: await detectVirtualization(machine, dmi),
    agentVersion: readAgentVersion(),
    ...(agentProgram === undefined ? {} : { agentProgram }),
  }
  const trust = new CodeTrust(stateDirectory)
  const listeners: ((facts: WireFacts) => void)[] = []
  let cloud: CloudFacts | undefined
  let isClosed = false
  let timer: Timer | undefined

  const read = async () =>
    fitFacts({
      ...(await readHostFacts(stateDirectory, machine)),
      ...constant,
      ...describeTrust(trust.read()),
      ...(cloud === undefined ? {} : { cloud }),
    })
  let facts = await read()
  const watched = [...machine.osFiles, trust.path]

  const refresh = async () => {
    const next = await read()
    if (isClosed || !isWorthReporting(facts, next)) return
    facts = next
    for (const listener of listeners) listener(facts)
  }
  const queryCloud = async () => {
    // Firmware without a name belongs to no cloud: its code is not needed.
    if (Object.values(dmi).every((value) => value === '')) return undefined
    const { askCloud } = await import('./cloud-facts.ts')
    return askCloud({ dmi, log, ...(metadataUrls === undefined ? {} : { metadataUrls }) })
  }
  const askAndRefresh = async () => {
    // An instance can change its type or its network only while it is stopped, so one query per
    // process is enough.
    cloud ??= await queryCloud()
    await refresh()
  }
  const again = () => {
    askAndRefresh().catch((error: unknown) => log.warn('cannot read facts', { error }))
    if (!isClosed) timer = clock.setTimeout(again, refreshMs, { unref: true })
  }
  again()
  const onRelease = () => void refresh().catch((error: unknown) => log.warn('cannot read facts', { error }))
  for (const file of watched) watchFile(file, { persistent: false, interval }, onRelease)

  return {
    current: () => facts,
    onChange: (listener) => listeners.push(listener),
    close() {
      isClosed = true
      timer?.cancel()
      for (const file of watched) unwatchFile(file, onRelease)
    },
  }
}

function describeTrust(state: TrustState): Pick<Facts, 'trust'> {
  if (state.kind === 'off') return {}
  if (state.kind === 'unusable') return { trust: { version: 0, expires: '' } }
  return { trust: { version: state.file.version, expires: state.file.expires } }
}

export function isWorthReporting(reported: WireFacts, now: WireFacts): boolean {
  const changedBytes = Math.abs(now.diskFreeBytes - reported.diskFreeBytes)
  if (changedBytes >= diskFreeTolerance * reported.diskFreeBytes && changedBytes > 0) return true
  return !isDeepStrictEqual({ ...reported, diskFreeBytes: 0 }, { ...now, diskFreeBytes: 0 })
}
