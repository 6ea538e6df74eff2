import { type Profile, readProfiles } from './profiles.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

export interface ServerConnectionOptions {
  readonly server?: string
  readonly profile?: string
}

/**
 * Resolves server and key: options override the environment, which overrides the profile. A secret
 * is only sent to the server it belongs to: the profile's to the profile's server, the
 * environment's to the server that the environment or an option names.
 * @throws UsageError that names the missing setting
 */
export async function findConnection(settings: Settings, options: ServerConnectionOptions): Promise<Profile> {
  const profileName = options.profile ?? settings.profile
  const profiles = await readProfiles(settings.profilesFile)
  const profile = profiles.get(profileName)
  if (!profile && options.profile !== undefined) {
    const known = [...profiles.keys()].join(', ') || 'none'
    throw new UsageError(
      `profile "${profileName}" does not exist (profiles: ${known})`,
      'Create it with `chandler login`.',
    )
  }
  const server = validateServer(options.server ?? (options.profile ? undefined : settings.server) ?? profile?.server)
  const { accessKeyId, accessKeySecret } = settings
  const saved = profile && validateServer(profile.server) === server ? profile : undefined
  if (options.profile === undefined && accessKeyId !== undefined && accessKeySecret !== undefined) {
    // The server of the profile is verified in the same way with another key.
    return { ...saved, server, accessKeyId, accessKeySecret }
  }
  if (saved) return saved
  throw new UsageError(
    `no access key is configured for ${server}`,
    'Set CHANDLER_ACCESS_KEY_ID and CHANDLER_ACCESS_KEY_SECRET, or run `chandler login`.',
  )
}

/** A URL without a trailing slash. */
export function validateServer(address: string | undefined): string {
  if (address === undefined) {
    throw new UsageError('no server is configured', 'Set CHANDLER_SERVER=https://HOST, or run `chandler login`.')
  }
  const url = URL.parse(address)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError(`"${address}" is not a server URL`, 'Use https://HOST or https://HOST:PORT.')
  }
  if (url.username || url.password) {
    throw new UsageError(
      'the server URL must not contain a user name or password',
      'Set CHANDLER_ACCESS_KEY_ID and CHANDLER_ACCESS_KEY_SECRET, or run `chandler login`.',
    )
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}
