import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { createClient } from '../../client/client.ts'
import { askSecret } from '../ask-secret.ts'
import { validateServer } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { saveProfile } from '../profiles.ts'
import { UsageError } from '../usage-error.ts'
import type { Register } from './api-command.ts'

interface Options {
  readonly server?: string
  readonly accessKeyId?: string
  readonly profile?: string
}

export const registerLogin: Register = (parent, context) => {
  const command: Command = parent
    .command('login')
    .description('verify a server URL and an access key and save them in a profile')
    .option('--server <url>', 'URL of the server')
    .option('--access-key-id <id>', 'access key id; the secret is prompted for or read from standard input')
    .option('--profile <name>', 'name of the profile (default: CHANDLER_PROFILE, then "default")')
    .action(async () => await login(context, command.opts<Options>()))
}

async function login(context: CliContext, options: Options): Promise<void> {
  const { settings, stdin, out } = context
  const isAsking = stdin.isTTY === true
  const server = validateServer(
    options.server ?? settings.server ?? (isAsking ? await ask(context, 'Server: ') : undefined),
  )
  const accessKeyId =
    options.accessKeyId ?? settings.accessKeyId ?? (isAsking ? await ask(context, 'Access key id: ') : undefined)
  if (!accessKeyId) throw new UsageError('the access key id is missing', 'Use --access-key-id ID.')
  const accessKeySecret =
    settings.accessKeySecret ??
    (isAsking ? await askSecret(context, 'Access key secret: ') : (await text(stdin)).trim())
  if (!accessKeySecret) {
    throw new UsageError(
      'the access key secret is missing',
      'Write it to standard input, or set CHANDLER_ACCESS_KEY_SECRET.',
    )
  }
  // Regardless of the permissions of this key: the test is that the server accepts it.
  await createClient({ server, accessKeyId, accessKeySecret }).whoami.get()
  const profile = options.profile ?? settings.profile
  await saveProfile(settings.profilesFile, profile, { server, accessKeyId, accessKeySecret })
  out.line(`profile "${profile}" saved in ${settings.profilesFile}: ${accessKeyId} at ${server}`)
}

async function ask({ stdin, err }: CliContext, prompt: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: err.stream })
  try {
    return (await lines.question(prompt)).trim()
  } finally {
    lines.close()
  }
}
