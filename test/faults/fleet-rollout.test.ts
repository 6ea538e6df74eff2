/**
 * The rollout of examples/fleet/fleet.yaml on real agents, with the command line and a browser: a version is promoted, another
 * user approves it after the first instance, a query fails after the second batch, and the change is rolled back. Only the
 * address and the times of the file are replaced.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text as readBody } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import type { AssignmentView } from '../../src/protocol/api/assignment/assignments.ts'
import type { AuditEntry } from '../../src/protocol/api/audit-log.ts'
import type { ExecutionView, TaskView } from '../../src/protocol/api/executions.ts'
import type { InstanceView } from '../../src/protocol/api/instances.ts'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { type Program, startProgram } from './program.ts'

const example = fileURLToPath(new URL('../../examples/fleet', import.meta.url))
const chandler = fileURLToPath(new URL('../../bin/chandler.mjs', import.meta.url))
const names = ['web-1', 'web-2', 'web-3', 'web-4']
const nightly = 'Mon-Fri 01:00-05:00 Asia/Shanghai'
const always = 'daily 00:00-24:00 UTC'
const annsPassword = 'four unrelated garden words'

let site: ConsoleSystem
/** A copy of the example. */
let folder: string
let token: string
const agents: Program[] = []
let annsKey: { readonly id: string; readonly secret: string }
/** The errors per second that the monitoring system reports. */
let errorRate = '0.1'
const queries: string[] = []
let monitoring: Listening
const deliveries: Delivery[] = []
let receiver: Listening

interface Listening {
  readonly server: Server
  readonly url: string
}

interface Delivery {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Event {
  readonly type: string
  readonly execution?: { readonly id: string; readonly reasonCode: string; readonly gate?: string }
  readonly assignment?: { readonly name: string; readonly reason: string }
}

async function listen(server: Server): Promise<Listening> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

beforeAll(async () => {
  monitoring = await listen(
    createServer((request, response) => {
      queries.push(new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? '')
      const result = [{ metric: {}, value: [Date.now() / 1_000, errorRate] }]
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
    }),
  )
  receiver = await listen(
    createServer((request, response) => {
      void readBody(request).then((body) => {
        deliveries.push({ headers: request.headers, body })
        response.writeHead(204).end()
      })
    }),
  )
  site = await startConsoleSystem({ CHANDLER_OUTBOUND_ALLOW: '127.0.0.1', CHANDLER_DRIFT_CHECK: '1s' })
  const { system } = site
  folder = join(system.folder, 'fleet')
  await cp(example, folder, { recursive: true })
  await replace('fleet.yaml', [
    ['https://prometheus.example', monitoring.url],
    [nightly, always],
    ['soak:10m', 'soak:1s'],
    ['timeout=15m', 'timeout=2s'],
  ])
  await addApprover()
  const created = await system.json<{ token: string }>('token', 'create', '--uses', 'unlimited', '--tag', 'role=web')
  token = created.token
  for (const name of names) await addAgent(name)
  await untilOnline(names.length)
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.end('SIGTERM')))
  await site.stop()
  for (const { server } of [monitoring, receiver]) {
    server.closeAllConnections()
    server.close()
  }
})

async function replace(file: string, changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
  let content = await readFile(join(folder, file), 'utf8')
  for (const [from, to] of changes) {
    expect(content).toContain(from)
    content = content.replaceAll(from, to)
  }
  await writeFile(join(folder, file), content)
}

/** A user who may only see everything and approve. */
async function addApprover(): Promise<void> {
  const { system } = site
  const policy = join(folder, 'approve.json')
  const statement = { Effect: 'Allow', Action: 'chandler:ApproveExecution', Resource: '*' }
  await writeFile(policy, JSON.stringify({ Version: '1', Statement: [statement] }))
  await system.json('policy', 'create', 'Approve', policy)
  await system.json('user', 'create', 'ann')
  for (const name of ['AliyunOOSReadOnlyAccess', 'Approve']) await system.json('user', 'attach', 'ann', name)
  const key = { accessKeyId: 'test', accessKeySecret: 'a-secret-for-this-test-only' }
  await createClient({ server: system.server, ...key }).passwords.set('ann', { password: annsPassword })
  annsKey = await system.json('access-key', 'create', '--user', 'ann')
}

const rootOf = (name: string) => join(site.system.folder, 'machines', name)
const pageOf = (name: string) => join(rootOf(name), 'website/page.html')

/** Each agent has its own /srv. */
async function addAgent(name: string): Promise<void> {
  const { system } = site
  const root = rootOf(name)
  await mkdir(root, { recursive: true })
  const state = join(system.folder, 'agents', name)
  const args = ['agent', '--server', system.server, '--token', token, '--state', state, '--name', name]
  const inside = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /srv && exec "$@"', root]
  agents.push(startProgram(args, {}, [...inside, process.execPath, chandler]))
}

const listInstances = () => site.system.json<InstanceView[]>('instance', 'list')
const untilOnline = (count: number) =>
  vi.waitFor(
    async () => expect((await listInstances()).filter(({ status }) => status === 'online')).toHaveLength(count),
    { timeout: 110_000, interval: 200 },
  )

/** The version that the server knows of each instance, and the page that is on it. */
async function readFleet(): Promise<Record<string, string>> {
  const fleet: Record<string, string> = {}
  for (const { name, installed } of await listInstances()) {
    const page = await readFile(pageOf(name), 'utf8').catch(() => 'none')
    fleet[name] = `${installed[0]?.version ?? 'absent'}: ${page.replaceAll(/<[^>]+>/g, '').trim()}`
  }
  return fleet
}

const everyInstance = (state: string) => Object.fromEntries(names.map((name) => [name, state]))
const readAssignment = () => site.system.json<AssignmentView>('assignment', 'show', 'website-on-web')
const readExecution = (id: string) =>
  site.system.json<ExecutionView & { readonly tasks: readonly TaskView[] }>('execution', 'show', id)
const apply = (command: 'apply' | 'diff') => site.system.run(command, '-f', join(folder, 'fleet.yaml'))

/** Resolves with the id of the execution of the version that waits for an approval after the batch. */
async function untilApprovalNeeded(version: string, batch: number): Promise<string> {
  const find = async () => {
    const waiting = await site.system.json<ExecutionView[]>('execution', 'list', '--status', 'Waiting')
    return waiting.find(
      ({ version: its, openBatch, reasonMessages = [] }) =>
        its === version && openBatch === batch && reasonMessages.some(({ code }) => code === 'GateNeedsApproval'),
    )?.id
  }
  return vi.waitFor(
    async () => {
      const id = await find()
      if (id === undefined) throw new Error(`no execution of ${version} waits for an approval after batch ${batch}`)
      return id
    },
    { timeout: 110_000, interval: 200 },
  )
}

/** A window of one day of the week, which is not today, yesterday or tomorrow. */
function closedNow(): string {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  return `${days[(new Date().getUTCDay() + 3) % 7]} 00:00-01:00 UTC`
}

const readEvents = () => deliveries.map(({ body }) => JSON.parse(body) as Event)

/** As docs/notifications.md describes it. */
function isSigned(secret: string, { headers, body }: Delivery): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = headers
  if (Math.abs(Date.now() / 1_000 - Number(time)) > 300) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const digest = createHmac('sha256', key)
    .update(`${String(id)}.${String(time)}.${body}`)
    .digest('base64')
  const [expected, given] = [Buffer.from(`v1,${digest}`), Buffer.from(String(signature))]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

test('a promoted version is approved, fails at a query and is rolled back; who joins has the old one; drift is repaired', async () => {
  const { system } = site
  const { secret } = await system.json<{ secret: string }>('webhook', 'create', 'ci', '--url', receiver.url)

  // The first version: every batch passes its gates.
  expect(await apply('apply')).toMatchObject({ code: 0 })
  for (const batch of [1, 2]) {
    const id = await untilApprovalNeeded('v1', batch)
    expect(await system.run('execution', 'approve', id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another user has to approve it'),
    })
    expect(await system.runAs(annsKey, 'execution', 'approve', id)).toMatchObject({ code: 0 })
  }
  await expect.poll(readFleet).toEqual(everyInstance('v1: The first page'))
  expect(queries.every((query) => query === 'sum(rate(http_errors_total[5m]))')).toBe(true)
  expect(await apply('diff')).toMatchObject({ code: 0 })

  // The second one is promoted: one instance has it, and the execution waits for an approval.
  await replace('website/page.html', [['first', 'second']])
  await replace('fleet.yaml', [['stable: v1', 'stable: v2']])
  expect(await apply('diff')).toMatchObject({ code: 5, stdout: expect.stringContaining('"v1" → "v2"') })
  expect(await apply('apply')).toMatchObject({ code: 0 })
  const id = await untilApprovalNeeded('v2', 1)
  const states = Object.values(await readFleet()).toSorted()
  expect(states).toEqual([...Array<string>(3).fill('v1: The first page'), 'v2: The second page'])

  // Meanwhile an instance joins, and the monitoring system reports errors after the approval.
  await addAgent('web-5')
  await untilOnline(5)
  errorRate = '0.9'
  const page = await site.open('/automation', { signedIn: false })
  await page.getByLabel('User name').fill('ann')
  await page.getByLabel('Password', { exact: true }).fill(annsPassword)
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: new RegExp(id) }).check()
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Comment').fill('The first page is fine.')
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Your approval was recorded.').waitFor()

  // The gate after the second batch fails, and what the execution changed is rolled back.
  await expect.poll(async () => (await readExecution(id)).status).toBe('Failed')
  await expect.poll(async () => (await readExecution(id)).rolledBackBy).toBeDefined()
  const failed = await readExecution(id)
  expect(failed.decisions).toEqual([
    expect.objectContaining({ batch: 1, user: 'ann', approves: true, comment: 'The first page is fine.' }),
  ])
  expect(failed.reasonCode).toBe('GateFailed')
  expect(failed.reason).toContain('The last value was 0.9.')
  expect(failed.tasks.map(({ status }) => status).toSorted()).toEqual(['Cancelled', 'Success', 'Success', 'Success'])
  await expect
    .poll(async () => (await readExecution(failed.rolledBackBy ?? '')).status, { timeout: 110_000 })
    .toBe('Success')
  const rollback = await readExecution(failed.rolledBackBy ?? '')
  expect(rollback.tasks.map(({ instanceId }) => instanceId).toSorted()).toEqual(
    failed.tasks.flatMap(({ instanceId, status }) => (status === 'Success' ? [instanceId] : [])).toSorted(),
  )
  await page.goto(`/executions/${id}`)
  await page.getByText('The last value was 0.9.').first().waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  expect(await readFleet()).toEqual({ ...everyInstance('v1: The first page'), 'web-5': 'absent: none' })
  await expect.poll(async () => (await readAssignment()).state).toBe('halted')

  // The user takes the promotion back: the instance that joined gets the old version.
  await replace('fleet.yaml', [['stable: v2', 'stable: v1']])
  await replace('website/page.html', [['second', 'first']])
  expect(await apply('apply')).toMatchObject({ code: 0 })
  expect(await system.run('assignment', 'resume', 'website-on-web')).toMatchObject({ code: 0 })
  await expect.poll(readFleet).toEqual({ ...everyInstance('v1: The first page'), 'web-5': 'v1: The first page' })

  // A file is removed by hand outside of the window: that is found, and repaired when the window opens.
  await replace('fleet.yaml', [[always, closedNow()]])
  expect(await apply('apply')).toMatchObject({ code: 0 })
  const [first] = await listInstances()
  await rm(pageOf(first?.name ?? ''))
  const listDrifted = async () =>
    (await system.json<InstanceView[]>('instance', 'list', '--filter', 'drifted=website@v1')).map(({ id: one }) => one)
  await expect.poll(listDrifted).toEqual([first?.id])
  await expect.poll(async () => (await readAssignment()).outcome?.drifted).toBe(1)
  expect((await readFleet())[first?.name ?? '']).toBe('v1: none')
  await replace('fleet.yaml', [[closedNow(), always]])
  expect(await apply('apply')).toMatchObject({ code: 0 })
  await expect.poll(readFleet).toEqual({ ...everyInstance('v1: The first page'), 'web-5': 'v1: The first page' })
  await expect.poll(listDrifted).toEqual([])

  // What happened is signed at the receiver, and in the audit log.
  const isAbout = ({ execution }: Event) => execution?.id === id
  await expect
    .poll(() =>
      readEvents()
        .filter(isAbout)
        .map(({ type }) => type),
    )
    .toEqual(['execution.started', 'execution.approvalRequired', 'execution.gateFailed', 'execution.finished'])
  await expect.poll(() => readEvents().map(({ type }) => type)).toContain('assignment.halted')
  expect(deliveries.filter((delivery) => !isSigned(secret, delivery))).toEqual([])
  const entries = await system.json<AuditEntry[]>('audit-log', '--action', 'ApproveExecution')
  expect(entries).toContainEqual(
    expect.objectContaining({ actor: 'ann', detail: expect.objectContaining({ comment: 'The first page is fine.' }) }),
  )
}, 600_000)
