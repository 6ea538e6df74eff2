import { showVersion } from '../extension/extension.ts'
import type { Facts } from '../instance/facts.ts'
import { findConfiguration } from '../plan/configuration.ts'
import { matchScope } from '../plan/scope.ts'
import type { TrustRefusal } from './trust-refusal.ts'
import type { VersionStatement } from './version-statement.ts'

/**
 * Whether a configuration of a signed version is the one that its publisher made for this instance:
 * a server must not run the scripts of another platform. Of the scope, only the platforms count: the
 * instance family and the image type come from a metadata service and not from the instance itself.
 * Undefined: it is.
 */
export function decideConfiguration(
  { extension, version, scope, configurations }: VersionStatement,
  configurationId: string,
  os: Facts['os'],
): TrustRefusal | undefined {
  const inScope = matchScope({ platforms: scope.platforms }, { os }).allowed
  const own = inScope ? findConfiguration(configurations, { os }).configuration?.id : undefined
  if (own === configurationId) return undefined
  return {
    code: 'NotForInstance',
    arguments: {
      name: `${extension} ${showVersion(version)}`,
      requested: configurationId,
      own: own ?? '',
      platform: [os.id, os.version, os.arch].filter(Boolean).join(' ').slice(0, 128),
    },
  }
}
