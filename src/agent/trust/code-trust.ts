import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decideTrustUpdate, type NewestInstalled } from '../../core/trust/decide.ts'
import type { Signer, TrustFile } from '../../core/trust/trust-file.ts'
import type { TrustRefusal, TrustUpdateFault } from '../../core/trust/trust-refusal.ts'
import { parseSshPublicKey, SshSignatureInvalid, verifySshSignature } from '../../lib/ssh-signature.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import type { UsedPlans } from '../../protocol/agent-records.ts'
import { newestVersionsShape, usedPlansShape } from '../../protocol/agent-shapes.ts'
import { readShape, type Shape } from '../../protocol/shape.ts'
import { parseTrustFile, TrustFileInvalid } from '../../protocol/trust-file.ts'

/** What the instance requires now. */
export type TrustState =
  /** No trust file was ever given to it: it runs what its server sends. */
  | { readonly kind: 'off' }
  /** It runs nothing. */
  | { readonly kind: 'unusable'; readonly refusal: TrustRefusal }
  | { readonly kind: 'required'; readonly file: TrustFile }

/**
 * STATE/trust/ (mode 0700): trust.json; newest.json with the newest version of each extension that
 * the instance has had; used.json with the signed plans that were carried out. The directory alone requires signatures: an instance whose trust file
 * is lost runs nothing. Both files are read at each use, so that a change takes effect at once; a
 * task costs two small reads.
 */
export class CodeTrust {
  readonly #directory: string
  #writing: Promise<void> = Promise.resolve()
  #updating: Promise<void> = Promise.resolve()

  constructor(stateDirectory: string) {
    this.#directory = trustDirectoryIn(stateDirectory)
  }

  get isRequired(): boolean {
    return existsSync(this.#directory)
  }

  read(): TrustState {
    if (!this.isRequired) return { kind: 'off' }
    const { path } = this
    try {
      return { kind: 'required', file: readTrustFile(readFileSync(path, 'utf8')) }
    } catch (error) {
      return { kind: 'unusable', refusal: explainUnusable(path, error) }
    }
  }

  /** Undefined: it has had none. @throws a `TrustRefusal` as `TrustUnusable` if that cannot be read */
  readNewest(extension: string): NewestInstalled | undefined {
    return this.#readNewest().get(extension)
  }

  /** On disk when it resolves. An older version does not replace a newer one. */
  noteInstalled(extension: string, installed: NewestInstalled): Promise<void> {
    return this.#afterWriting(async () => {
      const newest = this.#readNewest()
      const before = newest.get(extension)
      if (before !== undefined && before.version > installed.version) return
      if (before?.version === installed.version && before.sha256 === installed.sha256) return
      newest.set(extension, installed)
      await this.#write('newest.json', JSON.stringify(Object.fromEntries(newest)))
    })
  }

  /**
   * Takes the signatures of a plan for an invocation; on disk when it resolves. They serve one
   * invocation that succeeds: a server could otherwise repeat what was approved once.
   * @returns the other invocation that has them; undefined: they are taken
   * @throws a `TrustRefusal` as `TrustUnusable` if the record cannot be read
   */
  takePlan(
    key: string,
    { invocationId, expiresAt }: UsedPlans[string],
    now: number,
  ): Promise<{ readonly invocationId: string } | undefined> {
    return this.#afterWriting(async () => {
      const used = Object.entries(this.#readUsed()).filter(([, one]) => one.expiresAt > now)
      const other = used.find(([name]) => name === key)?.[1]
      if (other) return other.invocationId === invocationId ? undefined : other
      await this.#write('used.json', JSON.stringify(Object.fromEntries([...used, [key, { invocationId, expiresAt }]])))
      return undefined
    })
  }

  /** After an invocation that did not succeed: another one may use its signatures. */
  releasePlan(invocationId: string): Promise<void> {
    return this.#afterWriting(async () => {
      const used = Object.entries(this.isRequired ? this.#readUsed() : {})
      const kept = used.filter(([, one]) => one.invocationId !== invocationId)
      if (kept.length < used.length) await this.#write('used.json', JSON.stringify(Object.fromEntries(kept)))
    })
  }

  /** One write after the other: each reads what the one before has written. */
  #afterWriting<Result>(write: () => Promise<Result>): Promise<Result> {
    const written = this.#writing.catch(() => undefined).then(write)
    this.#writing = written.then(
      () => undefined,
      () => undefined,
    )
    return written
  }

  /**
   * Replaces the trust file by a successor that the root keys of both signed.
   * @param text the bytes that were signed
   * @throws TrustFileInvalid
   */
  update(text: string, signatures: readonly string[], now: number): Promise<TrustUpdateFault | undefined> {
    const updated = this.#updating.then(() => this.#replace(text, signatures, now))
    this.#updating = updated.then(
      () => undefined,
      () => undefined,
    )
    return updated
  }

  /** Resolves when the successors that were given to `update` so far are in effect, or refused. */
  settled(): Promise<void> {
    return this.#updating
  }

  async #replace(text: string, signatures: readonly string[], now: number): Promise<TrustUpdateFault | undefined> {
    const state = this.read()
    if (state.kind !== 'required') throw new TrustFileInvalid('the instance has no trust file that it could replace')
    const successor = readTrustFile(text)
    const fault = decideTrustUpdate({ file: state.file, now, signers: findSigners(text, signatures) }, successor)
    if (fault === undefined) await this.#write('trust.json', text)
    return fault
  }

  get path(): string {
    return join(this.#directory, 'trust.json')
  }

  #readNewest(): Map<string, NewestInstalled> {
    return new Map(Object.entries(this.#read('newest.json', newestVersionsShape)))
  }

  #readUsed(): UsedPlans {
    return this.#read('used.json', usedPlansShape)
  }

  /** A record; empty if there is none yet. */
  #read<Value extends object>(name: string, shape: Shape<Value>): Value | Record<string, never> {
    const path = join(this.#directory, name)
    try {
      return readShape(shape, JSON.parse(readFileSync(path, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw new TrustUnusable(explainUnusable(path, error))
    }
  }

  #write(name: string, text: string): Promise<void> {
    return writeTrustText(this.#directory, name, text)
  }
}

/** Thrown where the records of trust cannot be read: nothing may run then. */
export class TrustUnusable extends Error {
  override readonly name = 'TrustUnusable'
  readonly refusal: TrustRefusal

  constructor(refusal: TrustRefusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

const trustDirectoryIn = (stateDirectory: string) => join(stateDirectory, 'trust')

/** @throws TrustFileInvalid */
export const readTrustFile = (text: string): TrustFile => parseTrustFile(text, (line) => parseSshPublicKey(line).text)

/**
 * Makes the text the trust file of a state directory, whatever was there: for the administrator of
 * the machine. @throws TrustFileInvalid
 */
export async function placeTrustFile(stateDirectory: string, text: string): Promise<TrustFile> {
  const file = readTrustFile(text)
  await writeTrustText(trustDirectoryIn(stateDirectory), 'trust.json', text)
  return file
}

async function writeTrustText(directory: string, name: string, text: string): Promise<void> {
  // Scripts that run as another user pass through the state directory (state-directory.ts).
  await mkdir(dirname(directory), { recursive: true, mode: 0o711 })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFileDurably(join(directory, name), text)
}

/** The signatures that are valid for these bytes; others are no reason to refuse the valid ones. */
export function findSigners(text: string, signatures: readonly string[]): Signer[] {
  return signatures.flatMap((signature) => {
    try {
      const { namespace, publicKey } = verifySshSignature(signature, text)
      return [{ namespace, publicKey: publicKey.text, fingerprint: publicKey.fingerprint }]
    } catch (error) {
      if (error instanceof SshSignatureInvalid) return []
      throw error
    }
  })
}

function explainUnusable(path: string, error: unknown): TrustRefusal {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { code: 'TrustFileMissing', arguments: { path } }
  const { message } = error as Error
  return { code: 'TrustFileUnreadable', arguments: { path, error: message.slice(0, 512).replaceAll('\0', '') } }
}
