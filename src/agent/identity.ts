import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../lib/logger.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { writeFileDurably } from '../lib/write-file-durably.ts'
import { instanceIdSchema } from '../protocol/agent-messages.ts'
import { type Fingerprint, isSameMachine } from './fingerprint.ts'

/** Who this instance is to a server: the key is the identity, the id is the server's name for it. */
export interface Identity {
  /** Absent until the server has given it one. */
  readonly instanceId?: string
  readonly privateKey: KeyObject
  readonly serverUrl: string
  readonly fingerprint: Fingerprint
}

/** STATE/identity.json */
interface StoredIdentity {
  readonly instanceId?: string
  /** PKCS #8, PEM. */
  readonly privateKey: string
  readonly serverUrl: string
  readonly fingerprint: Fingerprint
}

export const makeIdentity = (serverUrl: string, fingerprint: Fingerprint): Identity => ({
  privateKey: generateKeyPairSync('ed25519').privateKey,
  serverUrl,
  fingerprint,
})

/** ed25519 signature in base64. */
export const signWith = (privateKey: KeyObject, text: string): string =>
  sign(null, Buffer.from(text), privateKey).toString('base64')

/** The raw public key, 32 bytes, base64. */
export function rawPublicKey(privateKey: KeyObject): string {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return Buffer.from(x as string, 'base64url').toString('base64')
}

const pathIn = (stateDirectory: string) => join(stateDirectory, 'identity.json')

export const saveIdentity = ({ privateKey, ...identity }: Identity, stateDirectory: string): Promise<void> => {
  const stored: StoredIdentity = {
    ...identity,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
  return writeFileDurably(pathIn(stateDirectory), `${JSON.stringify(stored, null, 2)}\n`)
}

/**
 * The identity kept in the state directory, or undefined if there is none yet.
 * Rejects with OperatorError when it cannot be used: damaged, or made on another machine.
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
  const identity = parseIdentity(text)
  if (identity === undefined)
    throw new OperatorError(
      `${path} is damaged; put it back from a backup, or delete it and enrol this instance anew with --token`,
    )
  if (!isSameMachine(identity.fingerprint, here))
    throw new OperatorError(
      `${path} was made on another machine: this state directory was copied (a cloned disk?), and two agents must not be one instance. ` +
        'Use another directory with --state, or delete the whole directory, and enrol this machine with --token',
    )
  return identity
}

async function keepPrivate(path: string, log: Logger): Promise<void> {
  const { mode } = await stat(path)
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  await chmod(path, 0o600)
  log.warn(
    `${path} could be read by other users; its mode is 0600 again. If somebody may have read it, delete it and enrol anew`,
  )
}

function parseIdentity(text: string): Identity | undefined {
  try {
    const { instanceId, privateKey, serverUrl, fingerprint } = JSON.parse(text) as Partial<
      Record<keyof StoredIdentity, unknown>
    >
    const key = createPrivateKey(String(privateKey))
    if (key.asymmetricKeyType !== 'ed25519' || typeof serverUrl !== 'string') return undefined
    return {
      ...(instanceId === undefined ? {} : { instanceId: instanceIdSchema.parse(instanceId) }),
      privateKey: key,
      serverUrl,
      fingerprint: parseFingerprint(fingerprint),
    }
  } catch {
    // Whatever is wrong with it, the remedy is the same.
    return undefined
  }
}

function parseFingerprint(value: unknown): Fingerprint {
  const { machineId, productUuid } = value as Record<string, unknown>
  return {
    ...(typeof machineId === 'string' ? { machineId } : {}),
    ...(typeof productUuid === 'string' ? { productUuid } : {}),
  }
}
