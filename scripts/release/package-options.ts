import type { PlatformName } from './platforms.ts'

/** What the builders of archives and system packages need. */
export interface PackageOptions {
  readonly projectDirectory: string
  readonly platform: PlatformName
  readonly version: string
  /** The installed program of this platform (`buildPlatformTree`). */
  readonly tree: string
  /** For drafts. */
  readonly workDirectory: string
  readonly outputDirectory: string
  /** Seconds since 1970 that every file gets as its time. */
  readonly epoch: number
  /** Compress quickly: for tests. */
  readonly isFast: boolean
}
