import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'
import { readText } from './read-text.ts'

/**
 * Signs bytes with `ssh-keygen -Y sign`, which reads the key, or asks ssh-agent or a hardware token
 * for a signature. A passphrase is entered on the terminal.
 * @param key file of a private key, or of a public key whose private key ssh-agent holds
 * @returns the armoured signature
 */
export async function signWithSsh(key: string, namespace: string, bytes: string): Promise<string> {
  const { code, output } = await run(['-Y', 'sign', '-q', '-f', key, '-n', namespace], bytes)
  if (code !== 0 || output === '')
    throw new UsageError(`ssh-keygen cannot sign with ${key}`, 'Its message is above. Nothing was signed.')
  return output
}

/**
 * The principals of an allowed_signers file whose key made a signature over the bytes; empty if
 * there are none.
 */
export async function findAllowedSigners(
  allowedSigners: string,
  namespace: string,
  signature: string,
  bytes: string,
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'chandler-verify-'))
  try {
    const file = join(directory, 'signature')
    await writeFile(file, signature)
    const found = await run(['-Y', 'find-principals', '-s', file, '-f', allowedSigners], '', 'quiet')
    const verified: string[] = []
    for (const principal of found.code === 0 ? found.output.split('\n').filter(Boolean) : []) {
      const options = ['-Y', 'verify', '-n', namespace, '-f', allowedSigners, '-I', principal, '-s', file]
      if ((await run(options, bytes, 'quiet')).code === 0) verified.push(principal)
    }
    return verified
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Kinds of keys to generate, as ssh-keygen names them; every one can sign for an instance. */
export const sshKeyKinds = {
  ed25519: ['ed25519'],
  'ed25519-sk': ['ed25519-sk'],
  ecdsa: ['ecdsa', '-b', '256'],
} as const

/**
 * Generates a key with `ssh-keygen`, which asks on the terminal for a passphrase, and before it
 * replaces a file.
 * @returns the public key, as in `authorized_keys`
 */
export async function generateSshKey({
  path,
  comment,
  type,
  passphrase,
}: {
  readonly path: string
  readonly comment: string
  readonly type: keyof typeof sshKeyKinds
  /** False: the private key is not encrypted. */
  readonly passphrase: boolean
}): Promise<string> {
  const options = ['-q', '-t', ...sshKeyKinds[type], '-C', comment, '-f', path, ...(passphrase ? [] : ['-N', ''])]
  const child = spawn('ssh-keygen', options, { stdio: [passphrase ? 'inherit' : 'ignore', 'inherit', 'inherit'] })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject).once('close', ended.resolve)
  const code = await ended.promise.catch(explainMissing)
  if (code !== 0) throw new UsageError(`ssh-keygen did not generate ${path}`, 'Its message is above.')
  return (await readText(`${path}.pub`)).trim()
}

async function run(args: readonly string[], input: string, says: 'quiet' | 'aloud' = 'aloud') {
  const child = spawn('ssh-keygen', args, { stdio: ['pipe', 'pipe', says === 'quiet' ? 'ignore' : 'inherit'] })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject).once('close', ended.resolve)
  // It may end before it has read its input; its exit code says so.
  child.stdin.on('error', () => {}).end(input)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  try {
    return { code: await ended.promise, output }
  } catch (error) {
    return explainMissing(error)
  }
}

function explainMissing(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  throw new UsageError('ssh-keygen is not installed', 'Install OpenSSH, version 8.2 or newer.')
}
