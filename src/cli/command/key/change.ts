import { access, writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import type { Client } from '../../../client/client.ts'
import {
  addKey,
  KeyChangeRefused,
  revokeKey,
  rotateKey,
  type WrittenTrustFile,
} from '../../../core/trust/change-keys.ts'
import { type TrustRoleName, trustRoles } from '../../../core/trust/trust-refusal.ts'
import { parseSshPublicKey, SshSignatureInvalid } from '../../../lib/ssh-signature.ts'
import { collect, parseInstantOption } from '../../parse-option.ts'
import { readText } from '../../trust/read-text.ts'
import { readTrust, readWrittenTrust } from '../../trust/read-trust.ts'
import { UsageError } from '../../usage-error.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly trust?: string
  readonly out?: string
  readonly expires?: string
}

interface AddOptions extends Options {
  readonly role?: readonly TrustRoleName[]
  readonly extension?: readonly string[]
}

/** `chandler key add`: a successor of the trust file with another key. */
export const registerKeyAdd: Register = (parent, context) => {
  withTrustOptions(
    apiCommand<AddOptions>(
      parent,
      context,
      'add <name> <public-key>',
      'write a successor of the trust file in which another key has a role',
      async (run, name: string, path: string) => {
        const { role = [], extension = [] } = run.options
        const line = await readPublicKey(path)
        await writeSuccessor(run, (file) => addKey(file, { name, line }, role, extension))
      },
    ),
  )
    .addOption(new Option('--role <role>', 'role of the key (repeatable)').choices(trustRoles).argParser(collectRole))
    .option(
      '--extension <pattern>',
      'name of an extension that a publisher may sign, * is any text (repeatable)',
      collect,
    )
}

/** `chandler key rotate`: the same name and roles with a new key. */
export const registerKeyRotate: Register = (parent, context) => {
  withTrustOptions(
    apiCommand<Options>(
      parent,
      context,
      'rotate <name> <public-key>',
      'write a successor of the trust file in which a new key replaces the key of this name in all its roles',
      async (run, name: string, path: string) => {
        const line = await readPublicKey(path)
        await writeSuccessor(run, (file) => rotateKey(file, name, line))
      },
    ),
  )
}

/** `chandler key revoke`: the key leaves all its roles. */
export const registerKeyRevoke: Register = (parent, context) => {
  withTrustOptions(
    apiCommand<Options>(
      parent,
      context,
      'revoke <name>',
      'write a successor of the trust file without this key: its signatures do not count any more',
      async (run, name: string) => writeSuccessor(run, (file) => revokeKey(file, name)),
    ),
  )
}

const withTrustOptions = (command: ReturnType<typeof apiCommand>) =>
  command
    .option('--trust <file>', 'the present trust file (default: the published one)')
    .option('--out <file>', 'file of the successor (default: trust-VERSION.json); it must not exist')
    .option('--expires <time>', 'new expiry of the trust file, such as 2028-01-01', parseInstantOption)

function collectRole(value: string, earlier: readonly TrustRoleName[] = []): readonly TrustRoleName[] {
  const role = trustRoles.find((one) => one === value)
  if (!role) throw new UsageError(`"${value}" is not a role`, `Use one of ${trustRoles.join(', ')}.`)
  return [...earlier, role]
}

async function readPublicKey(path: string): Promise<string> {
  const line = (await readText(path)).trim()
  try {
    parseSshPublicKey(line)
    return line
  } catch (error) {
    if (!(error instanceof SshSignatureInvalid)) throw error
    throw new UsageError(`${path} is not a public key: ${error.message}`, 'Use the .pub file of the key.')
  }
}

/** The trust file of an option, or the published one. */
export async function readPresentTrust(client: Client, path: string | undefined) {
  const content = path === undefined ? (await client.trust.get()).content : await readText(path)
  return { name: path ?? 'the published trust file', content }
}

async function writeSuccessor(
  { client, context, options, print }: ApiRun<Options>,
  change: (file: WrittenTrustFile) => WrittenTrustFile,
): Promise<void> {
  const { name, content } = await readPresentTrust(client, options.trust)
  const present = readWrittenTrust(name, content)
  const changed = makeChange(present, change)
  const next = options.expires === undefined ? changed : { ...changed, expires: options.expires }
  const text = `${JSON.stringify(next, undefined, 2)}\n`
  // What two names of one key leave of a threshold is found here.
  readTrust('the successor', text)
  const path = options.out ?? `trust-${next.version}.json`
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    throw new UsageError(`${path} exists`, 'Choose another file with --out.')
  await writeFile(path, text)
  print({ file: path, version: next.version }, () => context.out.line(`wrote ${path}: version ${next.version}`))
  context.err.line('Instances take it when its root keys and those of the present trust file have signed it:')
  context.err.line(`  ${describeRoot(present)}; ${describeRoot(next)}`)
  context.err.line(`  chandler trust update ${path} --sign KEY …`)
}

const describeRoot = ({ version, root }: WrittenTrustFile) =>
  `version ${version} needs ${root.threshold} of ${root.keys.join(', ')}`

function makeChange(file: WrittenTrustFile, change: (file: WrittenTrustFile) => WrittenTrustFile): WrittenTrustFile {
  try {
    return change(file)
  } catch (error) {
    if (error instanceof KeyChangeRefused) throw new UsageError(error.message)
    throw error
  }
}
