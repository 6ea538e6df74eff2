// A distribution whose package manager is rpm, in a root that goes away with its processes. The agent runs outside of it; the commands in
// its PATH (rpm, dnf, zypper) enter it. /tmp is the same inside and outside.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createPlatform } from '../../src/agent/platform/create-platform.ts'
import { type InstallationDetails, makeFolder, TestEngine } from '../integration/agent/agent-engine.ts'
import type { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { startRpmRoot } from './rpm-root.ts'

export type RpmManager = 'dnf' | 'dnf5' | 'zypper' | 'yum' | 'rpm'

export interface RpmDetails {
  readonly name: string
  readonly version: string
  readonly arch?: 'noarch' | 'aarch64'
  /** More lines of the head, such as `Requires: x`. */
  readonly head?: string
  /** By section, such as `%post`. */
  readonly scriptlets?: Readonly<Record<string, string>>
  /** What is in /usr/share/FOLDER/FILE; the version in `version` unless given. */
  readonly files?: Readonly<Record<string, string>>
  /** The package's name unless given. */
  readonly folder?: string
  /** Bytes of a further file, `big`. */
  readonly bigBytes?: number
  /**
   * `good`: signed with the key of the tests, whose public key is `RpmSystem.publicKey`; `bad`: and
   * the signature then changed; `corrupted`: and the content then changed.
   */
  readonly signature?: 'good' | 'bad' | 'corrupted'
}

export interface RpmSystem {
  readonly engine: TestEngine
  readonly manager: RpmManager
  /** Of the key that signs packages, armoured; the same inside and outside. */
  readonly publicKey: string
  /** The folder of programs that the agent finds first. */
  readonly programs: string
  /** Runs a command in the root. */
  run(command: string, args: readonly string[]): string
  /** Starts one. */
  start(command: string, args: readonly string[]): ChildProcess
  /** Installed versions, such as `1.0-1`. */
  versionsOf(name: string): string[]
  /** The path of a new package, the same inside and outside. */
  build(details: RpmDetails): Promise<string>
  /** Puts packages into the repository, whose packages need no signatures. */
  offer(...details: readonly RpmDetails[]): Promise<void>
  /** Writes the definition of the only repository. */
  define(repository: { url?: string; gpgcheck: 0 | 1 }): void
  /** A installation whose artifact is the package. */
  installation(shelf: ArtifactShelf, details: RpmDetails, more?: InstallationDetails): Promise<InstallationDetails>
}

/** A root of its own, where `manager` is the highest package manager. */
export async function startRpmSystem(manager: RpmManager, shelf: ArtifactShelf): Promise<RpmSystem> {
  const folder = await makeFolder()
  const { holder, enter } = await startRpmRoot(manager === 'dnf5' ? 'sid' : 'layer', folder.split('/').at(-1)!)
  onTestFinished(() => void holder.kill('SIGKILL'))
  const run = (command: string, args: readonly string[]) =>
    execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  const programs = join(folder, 'bin')
  await mkdir(programs)
  for (const program of new Set(['rpm', 'stat', manager]))
    await writeFile(join(programs, program), `#!/bin/sh\nexec nsenter ${enter.join(' ')} ${program} "$@"\n`, {
      mode: 0o755,
    })
  const platform = createPlatform()
  const path = `${programs}:${platform.baseEnvironment['PATH']}`
  const before = process.env['PATH']
  process.env['PATH'] = path
  onTestFinished(() => void (process.env['PATH'] = before))
  const engine = await TestEngine.start({
    fetchArtifact: shelf.fetch,
    platform: { ...platform, baseEnvironment: { ...platform.baseEnvironment, PATH: path } },
  })

  const keys = join(folder, 'keys')
  const publicKey = join(folder, 'publisher.asc')
  const signingDefines = [`_gpg_name ${signer}`, '__gpg /usr/bin/gpg'].flatMap((define) => ['--define', define])
  let count = 0
  async function build({
    name,
    version,
    arch = 'noarch',
    head = '',
    scriptlets = {},
    files,
    folder: inside = name,
    bigBytes = 0,
    signature,
  }: RpmDetails) {
    const work = join(folder, `rpm-${++count}`)
    await mkdir(work)
    const contents = Object.entries(files ?? { version })
    const spec = [
      `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: a test\nLicense: none\nAutoReqProv: no`,
      ...(arch === 'noarch' ? ['BuildArch: noarch'] : []),
      head,
      '%description\na test',
      '%install',
      ...contents.map(
        ([file, text]) =>
          `mkdir -p %{buildroot}/usr/share/${inside}\nprintf '%%s' '${text}' > %{buildroot}/usr/share/${inside}/${file}`,
      ),
      ...(bigBytes > 0
        ? [
            `mkdir -p %{buildroot}/usr/share/${inside}\nhead -c ${bigBytes} /dev/zero > %{buildroot}/usr/share/${inside}/big`,
          ]
        : []),
      ...Object.entries(scriptlets).map(([section, text]) => `${section}\n${text}`),
      '%files',
      ...contents.map(([file]) => `/usr/share/${inside}/${file}`),
      ...(bigBytes > 0 ? [`/usr/share/${inside}/big`] : []),
    ].join('\n')
    await writeFile(join(work, 'it.spec'), `${spec}\n`)
    const defines = [
      `_topdir ${work}`,
      `_rpmdir ${work}`,
      '_build_name_fmt it.rpm',
      '__os_install_post %{nil}',
    ].flatMap((define) => ['--define', define])
    run('rpmbuild', ['-bb', '--quiet', '--target', arch, ...defines, join(work, 'it.spec')])
    const path = join(work, 'it.rpm')
    if (signature) await sign(path, signature)
    return path
  }

  async function sign(path: string, signature: NonNullable<RpmDetails['signature']>) {
    await makeKey()
    run('env', [`GNUPGHOME=${keys}`, 'rpmsign', ...signingDefines, '--addsign', path])
    if (signature === 'good') return
    const bytes = await readFile(path)
    const at = signature === 'corrupted' ? bytes.length - 20 : findSignature(bytes) + 150
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41
    await writeFile(path, bytes)
  }

  let madeKey: Promise<void> | undefined
  function makeKey(): Promise<void> {
    madeKey ??= (async () => {
      await mkdir(keys, { mode: 0o700 })
      const gpg = (...args: string[]) => run('gpg', ['--homedir', keys, '--batch', '--quiet', ...args])
      gpg('--passphrase', '', '--quick-generate-key', signer, 'rsa2048', 'sign', 'never')
      gpg('--armor', '--output', publicKey, '--export', signer)
      onTestFinished(() => void run('gpgconf', ['--homedir', keys, '--kill', 'all']))
    })()
    return madeKey
  }

  function define({ url = 'file:///srv/repo', gpgcheck }: { url?: string; gpgcheck: 0 | 1 }) {
    const repository = `[test]\nname=test\nbaseurl=${url}\ngpgcheck=${gpgcheck}\nautorefresh=1\n`
    for (const path of ['/etc/yum.repos.d/test.repo', '/etc/zypp/repos.d/test.repo'])
      run('sh', ['-c', `printf '%s' "$1" > ${path}`, 'sh', repository])
  }

  return {
    engine,
    manager,
    publicKey,
    programs,
    define,
    run,
    start: (command, args) => spawn('nsenter', [...enter, command, ...args], { stdio: 'ignore' }),
    versionsOf: (name) =>
      run('rpm', ['--query', '--all', '--queryformat', '%{EVR}\n', name]).split('\n').filter(Boolean).toSorted(),
    build,
    async offer(...offered) {
      for (const details of offered)
        run('cp', [await build(details), `/srv/repo/${details.name}-${details.version}.rpm`])
      run('createrepo_c', ['--quiet', '/srv/repo'])
      define({ gpgcheck: 0 })
    },
    async installation(shelf, details, more = {}) {
      const file = await readFile(await build(details))
      const { name, version, arch = 'noarch' } = details
      return { artifact: shelf.add(file, `${name}-${version}-1.${arch}.rpm`, 'rpm'), ...more }
    },
  }
}

const signer = 'publisher@example.com'

/** Where the signature begins, an OpenPGP packet: as it is before rpm 6, and there in base64. */
function findSignature(bytes: Buffer): number {
  const text = /iQ[A-Za-z0-9+/]{300}/.exec(bytes.toString('latin1'))
  if (text) return text.index
  // A signature of version 4 over binary data, by RSA, of SHA-256 or SHA-512.
  const at = [8, 10].map((hash) => bytes.indexOf(Buffer.from([4, 0, 1, hash]))).find((found) => found >= 0)
  if (at === undefined) throw new Error('the package has no signature')
  return at
}
