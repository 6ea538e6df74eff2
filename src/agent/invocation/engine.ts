import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { ArtifactAddresses } from '../artifact/artifact-addresses.ts'
import type { ArtifactCache } from '../artifact/artifact-cache.ts'
import type { Platform } from '../platform/platform.ts'
import type { InstalledRecords } from '../state/installed-record.ts'
import type { Journal } from '../state/journal.ts'
import type { CodeTrust } from '../trust/code-trust.ts'
import type { Reboots } from './reboots.ts'

/** The services that every invocation uses. */
export interface Engine {
  readonly instanceId: string
  readonly stateDirectory: string
  readonly platform: Platform
  /** The mount of the state directory, as platform.findMount names it. */
  readonly mount: string
  readonly clock: Clock
  readonly log: Logger
  readonly journal: Journal
  readonly records: InstalledRecords
  readonly artifacts: ArtifactCache
  readonly addresses: ArtifactAddresses
  readonly reboots: Reboots
  readonly trust: CodeTrust
  readonly killGraceMs: number
  readonly maxOutputBytes: number | undefined
  /** Aborted when the agent stops supervising. */
  readonly closing: AbortSignal
  /** Called with each durable state, such as `begun installWanted`. */
  readonly onStep: (state: string) => void
}
