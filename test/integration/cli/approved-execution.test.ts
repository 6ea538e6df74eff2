/**
 * Approvers, an instance with an approver rule, and a server whose messages and database an
 * attacker changes: real programs, the real WebSocket and the real ssh-keygen. Everything that runs
 * writes to a ledger.
 */
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import type { ExecutionView } from '../../../src/protocol/api/executions.ts'
import type { PlanSignaturesView } from '../../../src/protocol/api/plan/plan-signatures.ts'
import { makeSshKey, makeTrust, placeTrust, type SshKey, signBytes } from '../agent/signed-versions.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'
import { type RewritingProxy, startRewritingProxy } from './rewriting-proxy.ts'

let system: CliSystem
let proxy: RewritingProxy
let keys: Record<'alice' | 'bob' | 'carol' | 'dora', SshKey>
let ledger: string
const approvers = { keys: ['bob', 'carol', 'dora'], threshold: 2 }

beforeAll(async () => {
  system = await startCliSystem()
  proxy = await startRewritingProxy(system.server)
  const make = (name: string) => makeSshKey(system.folder, name)
  keys = { alice: make('alice'), bob: make('bob'), carol: make('carol'), dora: make('dora') }
  ledger = join(system.folder, 'ledger')
  const state = join(system.folder, 'agent')
  await placeTrust(state, makeTrust(keys, { approvers }))
  const { stdout } = await system.run('token', 'create')
  const joining = ['--server', proxy.url, '--state', state, '--token', stdout.trim(), '--name', 'web']
  await system.start('agent', ...joining).said('connected to')
})
afterAll(async () => {
  await system.stop()
  await proxy.close()
})
beforeEach(async () => {
  proxy.rewrite = () => {}
  await writeFile(ledger, '')
})

const readLedger = () => (existsSync(ledger) ? readFileSync(ledger, 'utf8') : '')
const say = (what: string) => `echo ${what} >> '${ledger}'`

/** Starts a command that waits for signatures. */
const start = (what: string, ...options: string[]) =>
  system.json<ExecutionView>('run', '--targets', 'name:web', '--signatures', '2', '--detach', ...options, say(what))
const sign = (id: string, key: SshKey) => system.run('execution', 'approve', id, '--sign', key.path)
const show = (id: string) => system.json<ExecutionView>('execution', 'show', id)
const signatures = (id: string) => system.json<PlanSignaturesView>('execution', 'signatures', id)
const reasonOf = async (id: string) => {
  const { stdout } = await system.run('execution', 'show', id)
  return stdout
}

async function ended(id: string): Promise<ExecutionView> {
  return vi.waitFor(
    async () => {
      const execution = await show(id)
      expect(['Success', 'Failed', 'Cancelled']).toContain(execution.status)
      return execution
    },
    { timeout: 110_000, interval: 50 },
  )
}

/** Signed by two approvers, it was handed out, and the instance refused it. */
async function expectRefused(id: string, reason: RegExp): Promise<void> {
  expect(await ended(id)).toMatchObject({ status: 'Failed', reasons: [{ reasonCode: 'NotPermitted' }] })
  expect(await reasonOf(id)).toMatch(reason)
  expect(readLedger()).toBe('')
}

test('a command waits for its approvers, shows who is missing, and runs with the last signature', async () => {
  const { id } = await start('ran', '--param', 'port=80', '--secret', 'token=sesame')
  await vi.waitFor(async () =>
    expect(await show(id)).toMatchObject({
      status: 'Waiting',
      reasonCode: 'AwaitingSignatures',
      approval: { threshold: 2, signed: 0 },
    }),
  )
  const signed = await sign(id, keys.bob)
  expect(signed).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 2 signatures') })
  expect(signed.stderr).toContain(`| ${say('ran')}`)
  expect(signed.stderr).toContain('with port="80", token (secret)')
  expect(signed.stderr).not.toContain('sesame')
  expect(await sign(id, keys.bob)).toMatchObject({ code: 1, stderr: expect.stringContaining('signed it already') })
  expect(readLedger()).toBe('')

  // By hand, as for a hardware token.
  const { stdout: bytes } = await system.run('execution', 'plan-bytes', id)
  expect(bytes).toBe((await signatures(id)).canonical)
  const file = join(system.folder, 'plan.sig')
  const upload = async (namespace: string) => {
    await writeFile(file, signBytes(keys.carol, namespace, bytes))
    return system.run('execution', 'approve', id, '--signature', file)
  }
  const wrong = await upload('chandler-version')
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('ssh-keygen -Y sign -n chandler-plan') })
  expect(await upload('chandler-plan')).toMatchObject({ code: 0, stdout: expect.stringContaining('2 of 2 signatures') })
  expect((await ended(id)).status).toBe('Success')
  expect(readLedger()).toBe('ran\n')
  expect((await signatures(id)).signatures.map(({ publicKey }) => publicKey)).toEqual(
    [keys.bob, keys.carol].map(({ publicKey }) => publicKey.split(' ').slice(0, 2).join(' ')),
  )
})

test('a command without signatures is refused by the instance, which names the approvers', async () => {
  const { code, stdout, stderr } = await system.run('run', '--targets', 'name:web', '--yes', say('evil'))
  expect(code).toBe(1)
  expect(`${stdout}${stderr}`).toMatch(/needs 2 signatures of an approver \(bob, carol, dora\); it has 0/)
  expect(readLedger()).toBe('')
})

test('an execution that is not signed in time ends, and nothing has run', async () => {
  const { id } = await start('late', '--signatures-valid', '1m')
  expect(await sign(id, keys.bob)).toMatchObject({ code: 0 })
  await system.db.pool.query(
    `update executions set approval = jsonb_set(approval, '{expiresAt}', '1000') where id = '${id}'`,
  )
  expect(await system.run('execution', 'resume', id)).toMatchObject({ code: 0 })
  expect(await ended(id)).toMatchObject({ status: 'Failed', reasonCode: 'SignaturesExpired' })
  expect(await sign(id, keys.carol)).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended') })
})

test('a signed version is installed with the values that approvers signed', async () => {
  const folder = await system.makeExtension('demo', {
    'install.sh': `#!/bin/sh\necho "install $CHANDLER_PARAM_port" >> '${ledger}'\n`,
  })
  expect(await system.run('extension', 'create', folder, '--sign', keys.alice.path)).toMatchObject({ code: 0 })
  const options = ['--targets', 'name:web', '--signatures', '2', '--detach', '--param', 'port=81']
  const { id } = await system.json<ExecutionView>('install', 'demo', ...options)
  const shown = await sign(id, keys.dora)
  expect(shown.stderr).toMatch(/1\. install demo v1 \(sha256 [0-9a-f]{64}\)/)
  expect(shown.stderr).toContain('port=81')
  expect(await sign(id, keys.carol)).toMatchObject({ code: 0 })
  expect((await ended(id)).status).toBe('Success')
  expect(readLedger()).toBe('install 81\n')
})

describe('a compromised server', () => {
  async function startSigned(what: string) {
    const { id } = await start(what)
    for (const key of [keys.bob, keys.carol]) expect(await sign(id, key)).toMatchObject({ code: 0 })
    return id
  }

  /** Of an execution that ran: what an attacker has seen. */
  async function record(): Promise<InvocationMessage> {
    let seen: InvocationMessage | undefined
    proxy.rewrite = (invocation) => {
      seen = structuredClone(invocation)
    }
    const id = await startSigned('once')
    expect((await ended(id)).status).toBe('Success')
    await writeFile(ledger, '')
    return seen!
  }

  test('cannot change an approved command on its way', async () => {
    proxy.rewrite = ({ wanted }) => {
      wanted!.configuration.scripts.install = say('evil')
    }
    await expectRefused(await startSigned('ran'), /another value of scriptSha256/)
    proxy.rewrite = (invocation) => {
      delete invocation.signedPlan
    }
    await expectRefused(await startSigned('ran'), /needs 2 signatures of an approver/)
  })

  test('cannot repeat an approved command, nor use its signatures for another one', async () => {
    const before = await record()
    proxy.rewrite = (invocation) => {
      Object.assign(invocation, { ...before, id: invocation.id })
    }
    await expectRefused(await startSigned('ran'), /were used by inv-/)
    proxy.rewrite = (invocation) => {
      invocation.signedPlan = before.signedPlan
    }
    await expectRefused(await startSigned('ran'), /is the plan of another execution/)
  })

  test('cannot run a command by rows in its database', async () => {
    const client = createClient({
      server: system.server,
      accessKeyId: 'test',
      accessKeySecret: 'a-secret-for-this-test-only',
    })
    /** The second signature comes after the rows were changed. */
    const startPatched = async (patch: (id: string) => string) => {
      const { id } = await start('ran')
      const { canonical } = await signatures(id)
      expect(await sign(id, keys.bob)).toMatchObject({ code: 0 })
      await system.db.pool.query(patch(id))
      const last = signBytes(keys.carol, 'chandler-plan', canonical)
      await client.executions.addPlanSignature(id, last).catch(() => undefined)
      return id
    }
    const evil = say('evil').replaceAll("'", "''")
    const script = await startPatched((id) => `update executions set command_content = '${evil}' where id = '${id}'`)
    await expectRefused(script, /another value of scriptSha256/)
    // An approver sees the difference, too.
    expect((await sign(script, keys.dora)).stderr).toContain('the script that the server shows is not that of the plan')
    const unheld = await startPatched(
      (id) => `
        with gone as (delete from execution_plans where execution_id = '${id}')
        update executions set approval = null, revision = revision + 1 where id = '${id}'`,
    )
    await system.run('execution', 'resume', unheld)
    await expectRefused(unheld, /needs 2 signatures of an approver/)
  })

  test('cannot change a signed version by rows in its database', async () => {
    await system.db.pool.query(
      `update extension_versions set configurations = replace(configurations::text, 'install $', 'evil $')::jsonb`,
    )
    const options = ['--targets', 'name:web', '--signatures', '2', '--detach', '--param', 'port=82']
    const { id } = await system.json<ExecutionView>('install', 'demo', ...options)
    for (const key of [keys.bob, keys.carol]) expect(await sign(id, key)).toMatchObject({ code: 0 })
    await expectRefused(id, /demo v1 was changed after it was signed: the install script differs/)
  })
})

test('a published trust file makes every command wait, and its approvers alone can sign', async () => {
  const file = join(system.folder, 'trust-2.json')
  await writeFile(file, JSON.stringify(makeTrust(keys, { version: 2, approvers })))
  const roots = ['--sign', keys.alice.path, '--sign', keys.bob.path]
  expect(await system.run('trust', 'update', file, ...roots)).toMatchObject({ code: 0 })
  expect((await system.run('trust', 'show')).stdout).toMatch(/approver +2 of bob, carol, dora/)
  const { id } = await system.json<ExecutionView>('run', '--targets', 'name:web', '--detach', say('ran'))
  expect(await sign(id, keys.alice)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not one of the approvers'),
  })
  expect(await sign(id, keys.dora)).toMatchObject({ code: 0 })
  expect(await signatures(id)).toMatchObject({
    signed: 1,
    missing: ['bob', 'carol'],
    signatures: [{ approver: 'dora' }],
  })
  expect((await sign(id, keys.bob)).stdout).toContain('2 of 2 signatures')
  expect((await ended(id)).status).toBe('Success')
  expect(readLedger()).toBe('ran\n')
})
