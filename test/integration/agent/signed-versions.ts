import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { placeTrustFile } from '../../../src/agent/trust/code-trust.ts'
import type { Configuration } from '../../../src/core/extension/extension.ts'
import { makeVersionStatement, type StatedVersion } from '../../../src/core/trust/version-statement.ts'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import type { InstallationMessage } from '../../../src/protocol/agent-messages.ts'

/** A key of the real ssh-keygen. */
export interface SshKey {
  readonly path: string
  /** As in `authorized_keys`. */
  readonly publicKey: string
  readonly fingerprint: string
}

export function makeSshKey(folder: string, name: string): SshKey {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  const fingerprint = execFileSync('ssh-keygen', ['-l', '-f', path]).toString().split(' ')[1] ?? ''
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8').trim(), fingerprint }
}

export const signBytes = (key: SshKey, namespace: string, bytes: string): string =>
  execFileSync('ssh-keygen', ['-Y', 'sign', '-q', '-n', namespace, '-f', key.path], {
    input: bytes,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString()

export type TrustDraft = Readonly<Record<string, unknown>>

/** A trust file: alice and bob are root, alice publishes demo*, carol's key is for agents. */
export const makeTrust = (
  keys: Readonly<Record<'alice' | 'bob' | 'carol', SshKey>>,
  more: TrustDraft = {},
): TrustDraft => ({
  format: 'chandler-trust-1',
  version: 1,
  expires: '2100-01-01T00:00:00Z',
  keys: Object.fromEntries(Object.entries(keys).map(([name, { publicKey }]) => [name, publicKey])),
  root: { keys: ['alice', 'bob'], threshold: 2 },
  publishers: [{ extensions: ['demo*'], keys: ['alice'], threshold: 1 }],
  release: { keys: ['carol'], threshold: 1 },
  ...more,
})

export const placeTrust = (stateDirectory: string, trust: TrustDraft) =>
  placeTrustFile(stateDirectory, JSON.stringify(trust))

/** A version as an honest publisher makes it; its scripts write to a ledger. */
export function makeVersion(ledger: string, version: number, details: Partial<StatedVersion> = {}): StatedVersion {
  const say = (what: string) => `echo "${what} v${version} $CHANDLER_PARAM_port $(id -un)" >> '${ledger}'\n`
  const configuration: Configuration = {
    id: 'c1',
    os: 'linux',
    arch: 'any',
    scripts: { install: say('install'), uninstall: say('uninstall') },
    verify: [],
    run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
  }
  return {
    extensionName: 'demo',
    type: 'Application',
    version,
    versionDescription: '',
    scope: {},
    parameters: { port: { type: 'Number', default: 80, min: 1, max: 1_024 } },
    configurations: [configuration],
    ...details,
  }
}

export const renderStatement = (version: StatedVersion) => canonicalJson(makeVersionStatement(version, sha256Of))

/** What an honest server delivers. */
export function deliver(
  version: StatedVersion,
  signatures: readonly string[],
  more: Partial<InstallationMessage> = {},
): InstallationMessage {
  return JSON.parse(
    JSON.stringify({
      version: version.version,
      configuration: version.configurations[0],
      parameters: { port: 80 },
      parametersDigest: '1'.repeat(64),
      signed: { canonical: renderStatement(version), signatures },
      ...more,
    }),
  ) as InstallationMessage
}

export const readLedger = (ledger: string) => (existsSync(ledger) ? readFileSync(ledger, 'utf8') : '')
