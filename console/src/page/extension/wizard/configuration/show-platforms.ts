import type { PlatformDraft } from '../wizard-draft.ts'

/** `debian >=11, ubuntu`. */
export const showPlatforms = (platforms: readonly PlatformDraft[]): string =>
  platforms.map(({ id, versions }) => [id, versions].filter(Boolean).join(' ')).join(', ')
