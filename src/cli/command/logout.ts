import { createClient } from '../../client/client.ts'
import { ClientError } from '../../client/client-error.ts'
import { sessionTokenId } from '../../protocol/api/sessions.ts'
import { forgetProfile, readProfiles } from '../profiles.ts'
import { applyTrust } from '../server-trust.ts'
import { UsageError } from '../usage-error.ts'
import type { Register } from './api-command.ts'

export const registerLogout: Register = (parent, context) => {
  parent
    .command('logout')
    .description('end the session of a profile, and remove the profile')
    .option('--profile <name>', 'name of the profile (default: CHANDLER_PROFILE, then "default")')
    .action(async (options: { readonly profile?: string }) => {
      const { profilesFile, profile: fallback } = context.settings
      const name = options.profile ?? fallback
      const profile = (await readProfiles(profilesFile)).get(name)
      if (!profile) throw new UsageError(`profile "${name}" does not exist`, 'There is nothing to sign out of.')
      if (profile.accessKeyId === sessionTokenId) {
        const client = createClient({ ...profile, explainFailure: applyTrust(context, profile.server, profile) })
        await client.session.signOut().catch((error: unknown) => {
          // It has ended already.
          if (!(error instanceof ClientError) || error.status !== 401) throw error
        })
      }
      await forgetProfile(profilesFile, name)
      context.out.line(`profile "${name}" removed`)
    })
}
