import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { runSetup } from './setup-program.ts'
import { renderUnit } from './unit-file.ts'

// Real files and a real systemctl process, which is a script that keeps the state of one service in files.
const systemctl = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
printf '%s\\n' "$*" >>calls
if [ "$1" = "$(cat fails-at 2>/dev/null)" ] && [ ! -e failed ]; then
  : >failed
  echo "no $1 today" >&2
  exit 1
fi
case $1 in
  show)
    [ -e active ] && echo ActiveState=active || echo ActiveState=inactive
    [ -e enabled ] && echo UnitFileState=enabled || echo UnitFileState=disabled
    echo "MainPID=$(cat pid 2>/dev/null || echo 0)"
    ;;
  start)
    cat units/chandler-agent.service >active
    readlink opt/current | grep -qxF "$(cat ends 2>/dev/null || echo none)" || echo 812 >pid
    ;;
  stop) rm -f active pid ;;
  enable) : >enabled ;;
  disable) rm -f enabled active pid ;;
esac
`
const oldVersion = '0.1.0-0123456789ab'
const newVersion = '0.2.0-ba9876543210'
const server = 'https://c.example:7443'

let folder: string
let prefix: string
let state: string
let unitFile: string
let output: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-setup-'))
  prefix = join(folder, 'opt')
  state = join(folder, 'state')
  unitFile = join(folder, 'units/chandler-agent.service')
  output = []
  for (const name of ['units', 'booted', 'state']) await mkdir(join(folder, name))
  for (const version of [oldVersion, newVersion]) await unpack(version)
  await writeFile(join(folder, 'systemctl'), systemctl, { mode: 0o755 })
  await writeFile(
    join(state, 'identity.json'),
    JSON.stringify({ instanceId: `i-${'1'.repeat(16)}`, serverUrl: server }),
  )
})
afterEach(() => rm(folder, { recursive: true }))

/** The files by which a folder is known as an agent. */
async function unpack(version: string) {
  await mkdir(join(prefix, version, 'bin'), { recursive: true })
  for (const name of ['node', 'chandler-agent.mjs']) await writeFile(join(prefix, version, 'bin', name), '')
}

/** Waiting takes no time. */
function makeClock(): Clock {
  let elapsedMs = 0
  return {
    ...systemClock,
    monotonicMs: () => elapsedMs,
    wait: async (delayMs) => {
      elapsedMs += delayMs
    },
  }
}

const setup = (version: string, ...args: string[]) =>
  runSetup([...args, '--state', state], {
    systemd: {
      unitFile,
      bootedFolder: join(folder, 'booted'),
      systemctl: join(folder, 'systemctl'),
      journalctl: join(folder, 'journalctl'),
    },
    isRoot: true,
    clock: makeClock(),
    readHolder: async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => Number.NaN)),
    programFolder: join(prefix, version),
    print: (line) => output.push(line),
    printError: (line) => output.push(line),
  })
const readCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')

/** As an earlier installation leaves it, with a unit file of its own. */
async function installOld() {
  expect(await setup(oldVersion, 'install')).toBe(0)
  await writeFile(unitFile, `# edited\n${await readFile(unitFile, 'utf8')}`)
  await writeFile(join(folder, 'active'), await readFile(unitFile))
  await rm(join(folder, 'calls'))
}

/** Everything that an installation may change. */
const look = async () => ({
  versions: (await readdir(prefix)).sort(),
  current: await readlink(join(prefix, 'current')).catch(() => undefined),
  unit: await readFile(unitFile, 'utf8').catch(() => undefined),
  isEnabled: existsSync(join(folder, 'enabled')),
  runs: await readFile(join(folder, 'active'), 'utf8').catch(() => undefined),
})

describe('an installation with a service', () => {
  test('is written, enabled and started; a second one changes nothing; removal removes all of it', async () => {
    expect(await setup(newVersion, 'install')).toBe(0)
    const unit = renderUnit({ prefix, state }, server)
    const done = { versions: [newVersion, 'current'], current: newVersion, unit, isEnabled: true, runs: unit }
    expect(await look()).toEqual(done)
    expect(await setup(newVersion, 'install')).toBe(0)
    expect(await look()).toEqual(done)
    expect(await setup(newVersion, 'status')).toBe(1)
    expect(output).toContain('service:        active, enabled')

    expect(await setup(newVersion, 'remove', '--purge')).toBe(0)
    expect(await readdir(folder)).not.toContain('opt')
    expect(await readdir(folder)).not.toContain('state')
    expect(existsSync(unitFile)).toBe(false)
    expect(existsSync(join(folder, 'enabled'))).toBe(false)
    expect(await setup(newVersion, 'remove', '--purge')).toBe(0)
    expect(output.at(-1)).toBe(`no agent is installed in ${prefix}`)
  })

  test('replaces an earlier one and keeps it as the older version', async () => {
    await installOld()
    await unpack(newVersion)
    expect(await setup(newVersion, 'install')).toBe(0)
    expect(await look()).toMatchObject({ versions: [oldVersion, newVersion, 'current'], current: newVersion })
    const changes = (await readCalls()).filter((call) => !call.startsWith('show '))
    expect(changes).toEqual([
      'stop chandler-agent.service',
      'daemon-reload',
      'enable chandler-agent.service',
      'start chandler-agent.service',
    ])
  })

  test.each(['stop', 'daemon-reload', 'enable', 'start'])(
    'that fails at systemctl %s leaves the earlier one as it was, and running',
    async (verb) => {
      await installOld()
      const before = await look()
      await unpack(newVersion)
      await writeFile(join(folder, 'fails-at'), verb)
      expect(await setup(newVersion, 'install', '--discard-on-failure', 'program')).toBe(1)
      expect(output.at(-1)).toContain(`no ${verb} today`)
      expect(await look()).toEqual(before)
    },
  )

  test('that ends right after its start leaves the earlier one as it was, and running', async () => {
    await installOld()
    const before = await look()
    await unpack(newVersion)
    await writeFile(join(folder, 'ends'), newVersion)
    await writeFile(join(folder, 'journalctl'), '#!/bin/sh\necho chandler-agent: no agent today\n', { mode: 0o755 })
    expect(await setup(newVersion, 'install', '--discard-on-failure', 'program')).toBe(1)
    expect(output.at(-1)).toContain('the agent ended right after systemd had started it')
    expect(output.at(-1)).toContain(': no agent today. What was changed before is undone')
    expect(await look()).toEqual(before)
    expect(existsSync(join(folder, 'pid'))).toBe(true)
  })

  test.each(['daemon-reload', 'enable', 'start'])(
    'that fails at systemctl %s on a fresh machine leaves nothing of it',
    async (verb) => {
      await rm(join(prefix, oldVersion), { recursive: true })
      await writeFile(join(folder, 'fails-at'), verb)
      expect(await setup(newVersion, 'install', '--discard-on-failure', 'prefix')).toBe(1)
      expect(output.at(-1)).toContain('What was changed before is undone')
      expect(existsSync(prefix)).toBe(false)
      expect(existsSync(unitFile)).toBe(false)
      expect([existsSync(join(folder, 'enabled')), existsSync(join(folder, 'active'))]).toEqual([false, false])
    },
  )
})

describe('what is discarded after a failure', () => {
  test('the program, also when the arguments are wrong; the version in use stays', async () => {
    await installOld()
    await unpack(newVersion)
    expect(await setup(newVersion, 'install', '--discard-on-failure', 'program', '--tag', 'x')).toBe(2)
    expect(await readdir(prefix)).toEqual([oldVersion, 'current'])
    expect(await setup(oldVersion, 'install', '--discard-on-failure', 'program', '--tag', 'x')).toBe(2)
    expect(await readdir(prefix)).toEqual([oldVersion, 'current'])
  })

  test('never a folder that install.sh did not unpack', async () => {
    await mkdir(join(prefix, 'checkout'))
    expect(await setup('checkout', 'install', '--discard-on-failure', 'prefix', '--tag', 'x')).toBe(2)
    expect(await readdir(prefix)).toContain('checkout')
  })

  test('nothing without the option', async () => {
    expect(await setup(newVersion, 'install', '--tag', 'x')).toBe(2)
    expect(await readdir(prefix)).toContain(newVersion)
  })
})

test('folders and links that belong to somebody else stay', async () => {
  await mkdir(join(prefix, 'own-folder'))
  await symlink(newVersion, join(prefix, 'own-link'))
  expect(await setup(newVersion, 'install', '--no-service')).toBe(0)
  expect(await setup(newVersion, 'remove', '--no-service')).toBe(0)
  expect((await readdir(prefix)).sort()).toEqual(['own-folder', 'own-link'])
  expect(output).toContain(`${prefix} holds other files and stays`)
})

test('the unit is printed for the server of the enrolment, or a given one', async () => {
  expect(await setup(newVersion, 'unit')).toBe(0)
  expect(`${output.at(-1)}\n`).toBe(renderUnit({ prefix, state }, server))
  await rm(join(state, 'identity.json'))
  expect(await setup(newVersion, 'unit')).toBe(2)
  expect(await setup(newVersion, 'unit', '--server', 'http://other.example')).toBe(0)
  expect(output.at(-1)).toContain('--server http://other.example --state')
})

test('a unit file is readable for everybody, whatever the umask', async () => {
  const before = process.umask(0o077)
  try {
    expect(await setup(newVersion, 'install')).toBe(0)
  } finally {
    process.umask(before)
  }
  expect((await stat(unitFile)).mode & 0o777).toBe(0o644)
})

describe('a trust file', () => {
  const key = Buffer.concat([
    Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'),
    Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'),
  ])
  const trust = {
    format: 'chandler-trust-1',
    version: 1,
    expires: '2100-01-01T00:00:00Z',
    keys: { root: `ssh-ed25519 ${key.toString('base64')} root@example` },
    root: { keys: ['root'], threshold: 1 },
    publishers: [],
  }
  const writeTrust = async (content: object) => {
    const path = join(folder, 'given.json')
    await writeFile(path, JSON.stringify(content))
    return path
  }
  const placed = () => join(state, 'trust/trust.json')

  test('is given to an instance that is installed, and readable by its user alone', async () => {
    const file = await writeTrust(trust)
    expect(await setup(newVersion, 'install', '--trust', file)).toBe(0)
    expect(JSON.parse(await readFile(placed(), 'utf8'))).toEqual(trust)
    expect((await stat(placed())).mode & 0o777).toBe(0o600)
    expect((await stat(join(state, 'trust'))).mode & 0o777).toBe(0o700)
  })

  test.each<[string, object, string]>([
    ['another form', { ...trust, format: 'other' }, 'format'],
    [
      'a role with a key that it does not have',
      { ...trust, root: { keys: ['eve'], threshold: 1 } },
      'names the key eve',
    ],
    ['a threshold that nobody can reach', { ...trust, root: { keys: ['root'], threshold: 2 } }, 'needs 2 signatures'],
    ['something that is no key', { ...trust, keys: { root: 'ssh-ed25519 AAAA' } }, 'the key root is not valid'],
    ['a field that it does not know', { ...trust, publisher: [] }, 'publisher'],
  ])('with %s is refused before anything changes', async (_, content, problem) => {
    const file = await writeTrust(content)
    expect(await setup(newVersion, 'install', '--trust', file)).toBe(1)
    expect(output.join('\n')).toContain('given.json is not a trust file')
    expect(output.join('\n')).toContain(problem)
    expect(existsSync(join(state, 'trust'))).toBe(false)
    expect(existsSync(unitFile)).toBe(false)
  })

  test('is replaced by the administrator of the machine, whatever is there', async () => {
    await setup(newVersion, 'install', '--trust', await writeTrust(trust))
    await writeFile(placed(), 'damaged')
    expect(await setup(newVersion, 'trust', '--trust', await writeTrust({ ...trust, version: 7 }))).toBe(0)
    expect(output.at(-1)).toBe('trust file version 7 is in effect; it expires at 2100-01-01T00:00:00Z')
    expect(JSON.parse(await readFile(placed(), 'utf8'))).toMatchObject({ version: 7 })
    expect(await setup(newVersion, 'trust')).toBe(2)
  })
})
