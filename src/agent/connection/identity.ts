import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fingerprint } from '../../core/instance/agent-identity.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { instanceIdShape } from '../../protocol/agent-shapes.ts'
import { readShape } from '../../protocol/shape.ts'
import { hasFileModes } from '../platform/file-modes.ts'
import { isSameMachine, sealFingerprint } from './fingerprint.ts'

/**
 * Identity of this instance at a server: the key is the identity, the id is the server's name for
 * it.
 */
export interface Identity {
  /** Absent until the server has assigned one. */
  readonly instanceId?: string
  readonly privateKey: KeyObject
  /**
   * The key of a renewal whose outcome is unknown: the server has either this key or the old one.
   */
  readonly nextPrivateKey?: KeyObject
  readonly serverUrl: string
  /** Fingerprint of the machine, sealed (sealFingerprint). */
  readonly fingerprint: Fingerprint
}

/** STATE/identity.json */
interface StoredIdentity {
  readonly instanceId?: string
  /** PKCS #8, PEM. */
  readonly privateKey: string
  readonly nextPrivateKey?: string
  readonly serverUrl: string
  readonly fingerprint: Fingerprint
  /** Absent: an older agent wrote the file, with the fingerprint that it sent to the server. */
  readonly isSealed?: boolean
}

export const makePrivateKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey

export const makeIdentity = (serverUrl: string, fingerprint: Fingerprint): Identity => ({
  privateKey: makePrivateKey(),
  serverUrl,
  fingerprint: sealFingerprint(fingerprint),
})

/** ed25519 signature in base64. */
export const signWith = (privateKey: KeyObject, text: string): string =>
  sign(null, Buffer.from(text), privateKey).toString('base64')

/** The raw public key, 32 bytes, base64. */
export function rawPublicKey(privateKey: KeyObject): string {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return Buffer.from(x as string, 'base64url').toString('base64')
}

/** The state directory was created on another machine. Only an operator can change that. */
export class StateCopied extends OperatorError {}

const pathIn = (stateDirectory: string) => join(stateDirectory, 'identity.json')

export const saveIdentity = (
  { privateKey, nextPrivateKey, ...identity }: Identity,
  stateDirectory: string,
): Promise<void> => {
  const stored: StoredIdentity = {
    ...identity,
    isSealed: true,
    privateKey: exportKey(privateKey),
    ...(nextPrivateKey && { nextPrivateKey: exportKey(nextPrivateKey) }),
  }
  return writeFileDurably(pathIn(stateDirectory), `${JSON.stringify(stored, null, 2)}\n`)
}

const exportKey = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }) as string

/**
 * The identity in the state directory, or undefined if there is none. Rejects with OperatorError
 * when it is unusable: damaged, or created on another machine.
 */
export async function loadIdentity(
  stateDirectory: string,
  here: Fingerprint,
  log: Logger,
): Promise<Identity | undefined> {
  const path = pathIn(stateDirectory)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new OperatorError(`cannot read ${path}: ${error.message}; run the agent as the user that enrolled it`)
  })
  if (text === undefined) return undefined
  await keepPrivate(path, log)
  const { identity, isOldForm } = parseIdentity(text) ?? {}
  if (identity === undefined)
    throw new OperatorError(
      `${path} is damaged; restore it from a backup, or delete it and enrol this instance again with --token`,
    )
  if (!isSameMachine(identity.fingerprint, sealFingerprint(here)))
    throw new StateCopied(
      `${path} was made on another machine: this state directory was copied (a cloned disk?), and two agents must not be one instance. ` +
        'Use another directory with --state, or delete the whole directory, and enrol this machine with --token. ' +
        'If this is the same machine with other hardware or another machine id, run "chandler-agent setup accept-machine"',
    )
  if (isOldForm) await saveIdentity(identity, stateDirectory)
  return identity
}

/**
 * Binds the identity to this machine, on behalf of an operator who knows that it is the same one
 * with other hardware. Resolves to whether it was bound to another one. The server compares the
 * fingerprint as well, and another operator has to release the instance there: a copy that is
 * accepted here gets nothing.
 * @throws OperatorError there is no identity, or it is damaged
 */
export async function acceptMachine(stateDirectory: string, here: Fingerprint): Promise<boolean> {
  const path = pathIn(stateDirectory)
  const { identity } = parseIdentity(await readFile(path, 'utf8').catch(() => '')) ?? {}
  if (identity === undefined) throw new OperatorError(`${path} is missing or damaged`)
  const fingerprint = sealFingerprint(here)
  if (isSameMachine(identity.fingerprint, fingerprint)) return false
  await saveIdentity({ ...identity, fingerprint }, stateDirectory)
  return true
}

async function keepPrivate(path: string, log: Logger): Promise<void> {
  const { mode } = await stat(path)
  if (!hasFileModes || (mode & 0o077) === 0) return
  await chmod(path, 0o600)
  log.warn(
    `${path} could be read by other users; its mode is 0600 again. If somebody may have read it, delete it and enrol again`,
  )
}

/** Older agents stored the fingerprint itself. */
type ParsedIdentity = { readonly identity: Identity; readonly isOldForm: boolean }

function parseIdentity(text: string): ParsedIdentity | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Record<keyof StoredIdentity, unknown>>
    const { instanceId, privateKey, nextPrivateKey, serverUrl, fingerprint, isSealed } = parsed
    if (typeof serverUrl !== 'string') return undefined
    const isOldForm = isSealed !== true
    const identity = {
      ...(instanceId === undefined ? {} : { instanceId: readShape(instanceIdShape, instanceId) }),
      privateKey: parseKey(privateKey),
      ...(nextPrivateKey === undefined ? {} : { nextPrivateKey: parseKey(nextPrivateKey) }),
      serverUrl,
      fingerprint: isOldForm ? sealFingerprint(parseFingerprint(fingerprint)) : parseFingerprint(fingerprint),
    }
    return { identity, isOldForm }
  } catch {
    // The fix is the same for every error.
    return undefined
  }
}

function parseKey(pem: unknown): KeyObject {
  const key = createPrivateKey(String(pem))
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an ed25519 key')
  return key
}

function parseFingerprint(value: unknown): Fingerprint {
  const { machineId, productUuid } = value as Record<string, unknown>
  return {
    ...(typeof machineId === 'string' ? { machineId } : {}),
    ...(typeof productUuid === 'string' ? { productUuid } : {}),
  }
}
