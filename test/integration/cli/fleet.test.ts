import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { mapRequestedValues } from '../../../src/core/execution/operation/operations.ts'
import { openAssignmentSecrets } from '../../../src/server/app/assignment/assignment-secrets.ts'
import { openScheduledRequest } from '../../../src/server/app/timing/schedules.ts'
import { createSecretBox, readMasterKey } from '../../../src/server/boot/keys.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'

let system: CliSystem
const environment = {
  OPS_URL: 'https://hooks.slack.com/services/T0/B0/secret-of-the-channel',
  OPS_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
}

beforeAll(async () => {
  system = await startCliSystem()
  await system.createExtension('demo')
})
afterAll(async () => await system.stop())

async function write(text: string): Promise<string> {
  const path = join(system.folder, 'fleet.yaml')
  await writeFile(path, text)
  return path
}
const apply = async (text: string, ...options: string[]) =>
  system.runWith(environment, 'apply', '-f', await write(text), '--detailed-exit-code', ...options)

/** The secret values of the assignment and of the schedule, as the server has them. */
async function secrets(): Promise<unknown[]> {
  const { database } = system.db
  const box = createSecretBox(await readMasterKey(join(system.folder, 'server'), undefined))
  const assignment = await database.selectFrom('assignments').selectAll().executeTakeFirstOrThrow()
  const schedule = await database.selectFrom('schedules').selectAll().executeTakeFirstOrThrow()
  const values: unknown[] = [openAssignmentSecrets(box, assignment.secret_parameters_sealed, assignment.id)['secret']]
  mapRequestedValues(openScheduledRequest(box, schedule).request.operation, (_, given) => {
    values.push(given['secret'])
    return given
  })
  return values
}

const everything = `
groups:
  web: { filter: "tag:role=web" }
values:
  group:web: { demo: { port: 8080 } }
  tag:env=prod: { demo: { port: 8090 } }
assignments:
  demo-on-web: { group: web, extension: demo, version: v1, parameters: { port: 9000, secret: hidden-in-the-assignment } }
schedules:
  nightly:
    cron: 0 3 * * 1-5
    timeZone: Asia/Shanghai
    request:
      action: install
      extension: demo
      targets: { kind: tags, tags: { env: prod } }
      parameters: { port: 8000, secret: hidden-in-the-schedule }
      rateControl: { mode: Batch, batches: [1, 50%], maxErrors: 1 }
webhooks:
  chat: { url: { env: OPS_URL }, events: [execution.finished] }
  audit: { url: "https://audit.example/hook", secret: { env: OPS_SECRET } }
freezes:
  year-end: { beginsAt: "2998-12-20T18:00:00+01:00", endsAt: "2999-01-04T08:00:00+01:00" }
  long-ago: { endsAt: "2020-01-01T00:00:00Z" }
policies:
  web-team:
    description: Web servers
    document:
      Version: "1"
      Statement: [{ Effect: Allow, Action: "oos:*", Resource: "*" }]
`

test('apply creates everything, a second apply and an applied export change nothing, prune deletes', async () => {
  const first = await apply(everything)
  expect(first).toMatchObject({ code: 5 })
  expect(first.stdout).toContain('+ webhook chat')
  expect(first.stdout).toContain('+ policy web-team')
  expect(first.stdout).not.toContain('long-ago')

  expect(await apply(everything)).toMatchObject({ code: 0, stdout: 'no differences\n' })

  const { stdout: exported } = await system.run('export')
  expect(exported).not.toContain('secret-of-the-channel')
  expect(exported).not.toContain(environment.OPS_SECRET)
  expect(exported).not.toContain('hidden-in-the')
  expect(parse(exported)).toMatchObject({
    webhooks: {
      chat: { format: 'slack', events: ['execution.finished'] },
      audit: { url: 'https://audit.example/hook' },
    },
    values: { 'group:web': { demo: { port: 8080 } }, 'tag:env=prod': { demo: { port: 8090 } } },
    schedules: { nightly: { request: { operation: { extension: 'demo', parameters: { port: 8000 } } } } },
    freezes: { 'year-end': { beginsAt: '2998-12-20T17:00:00.000Z' } },
    policies: { 'web-team': { description: 'Web servers' } },
  })
  expect(await apply(exported, '--prune')).toMatchObject({ code: 0, stdout: 'no differences\n' })
  expect(await secrets()).toEqual(['hidden-in-the-assignment', 'hidden-in-the-schedule'])

  const changed = everything
    .replace('18:00:00+01:00', '20:00:00+01:00')
    .replace('[execution.finished]', '[assignment.halted]')
    .replace('3 * * 1-5', '4 * * *')
    .replace('port: 9000, secret: hidden-in-the-assignment', 'port: 9001')
    .replace(', secret: hidden-in-the-schedule', '')
  expect(await apply(changed, '--dry-run')).toMatchObject({ code: 5 })
  const update = await apply(changed)
  expect(update.stdout).toContain('events: ["execution.finished"] → ["assignment.halted"]')
  expect(update.stdout).toContain('beginsAt: "2998-12-20T17:00:00.000Z" → "2998-12-20T19:00:00.000Z"')
  expect(await apply(changed)).toMatchObject({ code: 0 })

  expect(update.stdout).toContain('cron: "0 3 * * 1-5" → "0 4 * * *"')
  // What the file does not have any more remains.
  expect(await secrets()).toEqual(['hidden-in-the-assignment', 'hidden-in-the-schedule'])

  const emptied = 'webhooks: {}\nfreezes: {}\npolicies: {}\nschedules: {}\nvalues: {}\nassignments: {}\ngroups: {}\n'
  expect(await apply(emptied)).toMatchObject({ code: 0 })
  expect(await apply(emptied, '--prune')).toMatchObject({ code: 5 })
  for (const noun of ['webhook', 'freeze', 'schedule', 'value', 'assignment', 'group'])
    expect(await system.json(noun, 'list'), noun).toEqual([])
})

test('a webhook that the file names without its URL keeps it; a variable that is not set changes nothing', async () => {
  await system.runWith(environment, 'webhook', 'create', 'chat', '--url', environment.OPS_URL)
  const target = () =>
    system.db.database
      .selectFrom('webhooks')
      .select(['target_sealed', 'events'])
      .where('name', '=', 'chat')
      .executeTakeFirstOrThrow()
  const before = await target()
  expect(await apply('webhooks: { chat: { events: [instance.offline] } }')).toMatchObject({ code: 5 })
  expect(await target()).toMatchObject({ events: ['instance.offline'] })
  expect(await system.json('webhook', 'show', 'chat')).toMatchObject({ format: 'slack', urlHidden: true })
  expect(before.events).not.toEqual(['instance.offline'])

  const refused = await apply('webhooks: { chat: { url: { env: NOT_SET } }, other: { url: "https://a.example/" } }')
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain('webhooks.chat.url: the environment variable NOT_SET is not set')
  expect(await system.json('webhook', 'list')).toHaveLength(1)
})

test('who may not list policies exports the rest, and applies files without them', async () => {
  await system.run('user', 'create', 'reader')
  await system.run('user', 'attach', 'reader', 'AliyunOOSReadOnlyAccess')
  const key = await system.json<{ id: string; secret: string }>('access-key', 'create', '--user', 'reader')
  const exported = await system.runAs(key, 'export')
  expect(exported).toMatchObject({ code: 0 })
  expect(exported.stderr).toContain('policies are left out')
  expect(Object.keys(parse(exported.stdout))).not.toContain('policies')
  expect((await system.runAs(key, 'apply', '-f', await write(exported.stdout))).code).toBe(0)
})
