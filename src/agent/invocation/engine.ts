import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { ArtifactAddresses } from '../artifact/artifact-addresses.ts'
import type { ArtifactCache } from '../artifact/artifact-cache.ts'
import type { Platform } from '../platform/platform.ts'
import type { InstalledRecords } from '../state/installed-record.ts'
import type { Journal } from '../state/journal.ts'

/** What every invocation is carried out with. */
export interface Engine {
  readonly instanceId: string
  readonly stateDirectory: string
  readonly platform: Platform
  /** As platform.findMount names that of the state directory. */
  readonly mount: string
  readonly clock: Clock
  readonly log: Logger
  readonly journal: Journal
  readonly records: InstalledRecords
  readonly artifacts: ArtifactCache
  readonly addresses: ArtifactAddresses
  readonly killGraceMs: number
  readonly maxOutputBytes: number | undefined
  /** Aborted when the agent stops supervising. */
  readonly closing: AbortSignal
  /** Told each durable state as it is reached, such as `begun installWanted`. */
  readonly onStep: (state: string) => void
}
