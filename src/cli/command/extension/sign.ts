import type { Client } from '../../../client/client.ts'
import { parseVersion } from '../../../core/extension/extension.ts'
import type { SignatureNamespace } from '../../../core/trust/namespaces.ts'
import { SshSignatureInvalid, verifySshSignature } from '../../../lib/ssh-signature.ts'
import type { SignedVersionView } from '../../../protocol/api/trust.ts'
import { exitCodes } from '../../exit-code.ts'
import { parseVersionName } from '../../extension/version-name.ts'
import type { Sink } from '../../output/sink.ts'
import { printTable } from '../../output/table.ts'
import { assertSameStatement, readDraft, renderLocalStatement } from '../../trust/local-statement.ts'
import { readText } from '../../trust/read-text.ts'
import { findAllowedSigners, signWithSsh } from '../../trust/ssh-keygen.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

const fromOption = ['--from <dir>', 'folder of the extension: use its bytes instead of those of the server'] as const

interface SignOptions {
  readonly key?: string
  readonly signature?: string
  readonly from?: string | undefined
  readonly rollback?: boolean
}

/** `chandler extension sign`: adds a publisher's signature to a version. */
export const registerExtensionSign: Register = (parent, context) => {
  apiCommand<SignOptions>(
    parent,
    context,
    'sign <name@version>',
    'sign a version with an SSH key, or add a signature that was made by hand',
    async ({ client, options, print }, reference: string) => {
      const { name, version } = parseVersionName(reference)
      const signed = await addSignature(client, { ...options, name, version, err: context.err })
      print(signed, () => printSignatures(context.out, signed))
    },
  )
    .option('--key <file>', 'private key, or public key of ssh-agent or a hardware token')
    .option('--signature <file>', 'signature of `ssh-keygen -Y sign -n chandler-version`, instead of --key')
    .option(...fromOption)
    .option('--rollback', 'allow instances to replace a newer version by this one')
}

/** `chandler extension export`: the bytes to sign by hand. */
export const registerExtensionExport: Register = (parent, context) => {
  apiCommand<{ readonly from?: string }>(
    parent,
    context,
    'export <name@version>',
    'print the canonical bytes of a version, which its publisher signs',
    async ({ client, options: { from } }, reference: string) => {
      const { name, version } = parseVersionName(reference)
      context.out.write(await findStatement(client, { name, version, from, err: context.err }))
    },
  ).option(...fromOption)
}

interface VerifyOptions {
  readonly allowedSigners?: string
  readonly from?: string
}

/** `chandler extension verify`: who signed a version. */
export const registerExtensionVerify: Register = (parent, context) => {
  apiCommand<VerifyOptions>(
    parent,
    context,
    'verify <name@version>',
    'verify the signatures of a version; exit code 1 if there is none that counts',
    async ({ client, options, print }, reference: string) => {
      const { name, version } = parseVersionName(reference)
      const { allowedSigners, from } = options
      const statement = await findStatement(client, { name, version, from, err: context.err })
      const { signatures, ...signed } = await client.extensions.getSignedVersion(name, version)
      const verified = await verifySignatures(signatures, statement, allowedSigners)
      print({ ...signed, signatures: verified }, () =>
        printSignatures(context.out, { ...signed, signatures: verified }),
      )
      if (verified.some(({ isValid, namespace }) => isValid && namespace === 'chandler-version')) return
      context.err.line(`${reference} has no signature that ${allowedSigners ? 'is allowed' : 'is valid'}`)
      return exitCodes.failed
    },
  )
    .option('--allowed-signers <file>', 'file with the keys that count, as in ssh-keygen(1), ALLOWED SIGNERS')
    .option(...fromOption)
}

interface Signing extends SignOptions {
  readonly name: string
  readonly version: string
  readonly err: Sink
}

/** Signs a version, or uploads a signature of it. */
export async function addSignature(client: Client, signing: Signing): Promise<SignedVersionView> {
  const { name, version, key, signature, rollback } = signing
  if ((key === undefined) === (signature === undefined))
    throw new UsageError('specify either --key or --signature', 'See `chandler extension sign --help`.')
  const statement = await findStatement(client, signing)
  const namespace: SignatureNamespace = rollback ? 'chandler-rollback' : 'chandler-version'
  const made = key === undefined ? await readText(signature ?? '') : await signWithSsh(key, namespace, statement)
  return client.extensions.addSignature(name, version, made)
}

/** The bytes of the folder if there is one, which then have to be those of the server. */
async function findStatement(
  client: Client,
  { name, version, from, err }: Pick<Signing, 'name' | 'version' | 'from' | 'err'>,
): Promise<string> {
  const { canonical } = await client.extensions.getSignedVersion(name, version)
  if (from === undefined) return canonical
  const local = await renderLocalStatement(await readDraft(from, err), parseVersion(version) ?? 0)
  assertSameStatement(local, canonical, `${name} ${version}`, from)
  return local
}

type ShownSignature = Pick<SignedVersionView['signatures'][number], 'namespace' | 'keyFingerprint' | 'publicKey'> & {
  readonly isValid?: boolean
  readonly signers?: readonly string[]
}

const verifySignatures = (signatures: SignedVersionView['signatures'], statement: string, allowedSigners?: string) =>
  Promise.all(
    signatures.map(async ({ signature, ...shown }) => {
      const signers = await findSigners(signature, shown, statement, allowedSigners)
      return { ...shown, signers, isValid: signers.length > 0 }
    }),
  )

/** Whose signature it is; empty if it does not fit the bytes, or if its key is not allowed. */
async function findSigners(
  signature: string,
  { namespace, keyFingerprint }: ShownSignature,
  statement: string,
  allowedSigners: string | undefined,
): Promise<readonly string[]> {
  if (allowedSigners !== undefined) return findAllowedSigners(allowedSigners, namespace, signature, statement)
  try {
    const verified = verifySshSignature(signature, statement)
    return verified.namespace === namespace ? [keyFingerprint] : []
  } catch (error) {
    if (error instanceof SshSignatureInvalid) return []
    throw error
  }
}

function printSignatures(out: Sink, { sha256, signatures }: { sha256: string; signatures: readonly ShownSignature[] }) {
  out.line(`sha256 ${sha256}`)
  printTable(
    out,
    signatures,
    [
      { title: 'key', text: ({ keyFingerprint }) => keyFingerprint },
      { title: 'type', text: ({ publicKey }) => publicKey.split(' ')[0] },
      { title: 'purpose', text: ({ namespace }) => namespace },
      { title: 'valid', text: ({ isValid }) => (isValid === undefined ? 'yes' : isValid ? 'yes' : 'no') },
      { title: 'signer', text: ({ signers }) => signers?.filter((name) => !name.startsWith('SHA256:')).join(', ') },
    ],
    'no signatures',
  )
}
