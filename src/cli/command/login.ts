import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { createClient } from '../../client/client.ts'
import { UnreachableError } from '../../client/client-error.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { fetchCaCertificate } from '../../lib/tls/ca-certificate.ts'
import { sessionTokenId } from '../../protocol/api/sessions.ts'
import { askSecret } from '../ask-secret.ts'
import { validateServer } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { showInstant } from '../output/format.ts'
import { parseCaDigestOption } from '../parse-option.ts'
import { type SavedTrust, saveProfile } from '../profiles.ts'
import { applyTrust, proxiesFor } from '../server-trust.ts'
import { signInAtProvider, signInWithPassword } from '../sign-in.ts'
import { UsageError } from '../usage-error.ts'
import type { Register } from './api-command.ts'

interface Options {
  readonly server?: string
  readonly accessKeyId?: string
  readonly user?: string
  readonly sso?: true
  readonly profile?: string
  readonly caSha256?: string
  readonly ca?: string
  readonly insecureHttp?: true
}

export const registerLogin: Register = (parent, context) => {
  const command: Command = parent
    .command('login')
    .description('sign in with an access key, a password or the identity provider, and save the result in a profile')
    .option('--server <url>', 'URL of the server')
    .option('--access-key-id <id>', 'access key id; the secret is prompted for or read from standard input')
    .addOption(
      new Option('--user <name>', 'user name; the password and the code of a second factor are prompted for').conflicts(
        ['accessKeyId', 'sso'],
      ),
    )
    .addOption(
      new Option('--sso', 'sign in at the identity provider, in a browser on any device').conflicts('accessKeyId'),
    )
    .option('--profile <name>', 'name of the profile (default: CHANDLER_PROFILE, then "default")')
    .addOption(
      new Option('--ca-sha256 <digest>', 'SHA-256 of the CA of the server; the CA is saved in the profile')
        .argParser(parseCaDigestOption)
        .conflicts('ca'),
    )
    .option('--ca <file>', 'file with the CAs that verify the server, in PEM (default: those of the system)')
    .option('--insecure-http', 'accept plain HTTP beyond loopback: others on the network can read the access key')
    .action(async () => await login(context, command.opts<Options>()))
}

async function login(context: CliContext, options: Options): Promise<void> {
  const { settings, stdin, out } = context
  const isAsking = stdin.isTTY === true
  const server = validateServer(
    options.server ?? settings.server ?? (isAsking ? await ask(context, 'Server: ') : undefined),
  )
  // Before the secret is asked for: a wrong server must not get it.
  const { trust, explainFailure } = await verifyServer(context, server, options)
  const profile = options.profile ?? settings.profile
  const save = (key: { readonly accessKeyId: string; readonly accessKeySecret: string }) =>
    saveProfile(settings.profilesFile, profile, { server, ...key, ...trust })
  if (options.sso || options.user !== undefined) {
    const client = createClient({ server, session: true, explainFailure })
    const session =
      options.user === undefined
        ? await signInAtProvider(context, client)
        : await signInWithPassword(context, client, options.user)
    await save({ accessKeyId: sessionTokenId, accessKeySecret: session.token })
    out.line(`signed in as ${session.userName} until ${showInstant(session.expiresAt)}; profile "${profile}" saved`)
    return
  }
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
  await createClient({ server, accessKeyId, accessKeySecret, explainFailure }).whoami.get()
  await save({ accessKeyId, accessKeySecret })
  out.line(`profile "${profile}" saved in ${settings.profilesFile}: ${accessKeyId} at ${server}`)
}

async function verifyServer(context: CliContext, server: string, options: Options) {
  const { caSha256, ca, insecureHttp } = options
  const flags = insecureHttp ? { insecureHttp } : {}
  if (caSha256 !== undefined && !server.startsWith('https:'))
    throw new UsageError(
      '--ca-sha256 needs a server URL that begins with https://',
      'Use the https:// URL of the server.',
    )
  // The proxies count for the download of the CA, too.
  const explain = caSha256 === undefined ? undefined : applyTrust(context, server, {})
  const pem =
    caSha256 === undefined
      ? undefined
      : await fetchCaCertificate(server, caSha256, proxiesFor(context.settings.proxies)).catch((error: Error) => {
          throw error instanceof OperatorError ? error : new UnreachableError(server, error, explain)
        })
  const trust: SavedTrust = {
    ...(pem !== undefined && { ca: pem }),
    ...(ca !== undefined && { caFile: resolve(ca) }),
    ...flags,
  }
  return { trust, explainFailure: applyTrust(context, server, trust) }
}

async function ask({ stdin, err }: CliContext, prompt: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: err.stream })
  try {
    return (await lines.question(prompt)).trim()
  } finally {
    lines.close()
  }
}
