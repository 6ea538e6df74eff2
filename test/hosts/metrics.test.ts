// The metrics of a real server with a real agent, and that the dashboard and the alert rules use only
// metrics that exist.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import { parse } from 'yaml'
import { createClient } from '../../src/client/client.ts'
import { consoleHeader } from '../../src/protocol/api/sessions.ts'
import { findDebianProgram } from '../debian-program.ts'
import { startLedgerRun } from '../faults/ledger.ts'
import { accessKey, createSystem, type Server, type System } from '../faults/system.ts'
import { createTcpProxy, type TcpProxy } from '../faults/tcp-proxy.ts'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { projectRoot } from '../rules/project-files.ts'

// Outside of a test: its folder is removed after all of them.
const promtool = await findDebianProgram('promtool', 'prometheus')
let system: System
let db: TestDatabase
let network: TcpProxy
let server: Server
let open: string

beforeAll(async () => {
  system = await createSystem()
  db = await startTestDatabase()
  network = await createTcpProxy({ path: `${db.connection.host}/.s.PGSQL.${db.connection.port}` })
  const DATABASE_URL = `postgresql://${db.connection.user}@127.0.0.1:${network.port}/${db.connection.database}`
  server = await system.addServer({ environment: { DATABASE_URL, CHANDLER_METRICS_LISTEN: '127.0.0.1:0' } })
  const line = await server.program.says(/metrics are served without authentication/)
  open = JSON.parse(line).url
})
afterAll(async () => {
  await system.stop()
  await network.stop()
  await db.stop()
})

/** Samples by `name{label="value",…}`. */
async function scrape(url = open): Promise<Map<string, number>> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const samples = new Map<string, number>()
  for (const line of (await response.text()).split('\n')) {
    const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    if (name !== undefined) samples.set(name, Number(value))
  }
  return samples
}

test('a batch install is counted: executions, tasks, first output, report lag, agents, statements', async () => {
  onTestFailed(() => console.error(system.describe()))
  const agents = await system.addAgents(server, ['a1', 'a2'])
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(server.client, system.folder, ids, {
    exits: { [ids[1] ?? '']: 3 },
    rateControl: { mode: 'Concurrency', concurrency: 2, maxErrors: '100%' },
  })
  await run.started(2)
  await vi.waitFor(
    async () => {
      const during = await scrape()
      expect(during.get('chandler_agents_connected')).toBe(2)
      expect(during.get('chandler_executions{status="Running"}')).toBe(1)
      expect(during.get('chandler_tasks{status="Running"}')).toBe(2)
      expect(during.get('chandler_task_first_output_seconds_count')).toBe(2)
    },
    { timeout: 110_000, interval: 500 },
  )
  await run.open()
  await vi.waitFor(
    async () => {
      const after = await scrape()
      expect(after.get('chandler_tasks_ended_total{status="Success"}')).toBe(1)
      expect(after.get('chandler_tasks_ended_total{status="Failed"}')).toBe(1)
      expect(after.get('chandler_executions{status="Running"}')).toBe(0)
      expect(after.get('chandler_executions_ended_last_day{status="Success"}')).toBe(1)
      expect(after.get('chandler_tasks{status="Running"}')).toBe(0)
    },
    { timeout: 110_000, interval: 500 },
  )
  const samples = await scrape()
  expect(samples.get('chandler_task_first_output_seconds_sum')).toBeLessThan(60)
  for (const positive of [
    'chandler_report_lag_seconds_count',
    'chandler_database_statement_duration_seconds_count{kind="select"}',
    'chandler_database_statement_duration_seconds_count{kind="update"}',
    'chandler_http_requests_total{method="POST",route="/api/v1/executions",code="201"}',
    'chandler_http_request_duration_seconds_count{method="POST",route="/api/v1/executions"}',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(samples.get(positive), positive).toBeGreaterThan(0)
  expect(samples.get('chandler_database_up')).toBe(1)
  expect(samples.get('chandler_servers')).toBe(1)
  expect(samples.get('chandler_database_pool_max_connections')).toBe(16)
})

test('failed authentication is counted by kind, and what strangers send makes no new series', async () => {
  const wrong = createClient({ server: server.url, accessKeyId: 'AKWRONG000000000', accessKeySecret: 'wrong-secret' })
  await expect(wrong.instances.list()).rejects.toMatchObject({ status: 401 })
  const headers = { 'content-type': 'application/json', origin: server.url, [consoleHeader]: '1' }
  const body = JSON.stringify({ userName: 'admin', password: 'not the password' })
  expect((await fetch(`${server.url}/api/v1/session`, { method: 'POST', headers, body })).status).toBe(401)
  const before = (await scrape()).size
  for (const path of ['/nowhere-1', '/nowhere-2', '/?Action=Invented1', '/?Action=Invented2'])
    await fetch(server.url + path)
  const first = await scrape()
  for (const path of ['/nowhere-3', '/?Action=Invented3']) await fetch(server.url + path)
  const samples = await scrape()
  expect(samples.get('chandler_authentication_failures_total{kind="access_key"}')).toBe(1)
  expect(samples.get('chandler_authentication_failures_total{kind="password"}')).toBe(1)
  expect(first.size).toBeGreaterThan(before)
  expect(samples.size).toBe(first.size)
  expect([...samples.keys()].filter((name) => /nowhere|Invented/.test(name))).toEqual([])
})

test('without --metrics-listen an access key is needed, and other paths and methods are refused on the open address', async () => {
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
  const authorization = `Basic ${btoa(`${accessKey.accessKeyId}:${accessKey.accessKeySecret}`)}`
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization } })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('chandler_build_info{version="')
  expect((await fetch(open.replace('/metrics', '/api/v1/instances'))).status).toBe(404)
  expect((await fetch(open, { method: 'POST', body: 'x' })).status).toBe(405)
})

test('every line of a server on a shared database names the server', async () => {
  const lines = server.program.log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  const afterStart = lines.slice(lines.findIndex(({ message }) => message === 'the server is ready'))
  expect(afterStart.length).toBeGreaterThan(0)
  for (const line of afterStart) expect(line.serverId).toMatch(/^server-/)
})

describe('deploy/monitoring', () => {
  const folder = `${projectRoot}deploy/monitoring`
  const dashboard = JSON.parse(readFileSync(`${folder}/grafana-dashboard.json`, 'utf8'))
  const alerts = parse(readFileSync(`${folder}/alerts.yaml`, 'utf8'))
  const expressions: [string, string][] = [
    ...dashboard.panels.flatMap(({ title, targets }: { title: string; targets: { expr: string }[] }) =>
      targets.map(({ expr }): [string, string] => [`panel ${title}`, expr]),
    ),
    ...alerts.groups.flatMap(({ rules }: { rules: { alert: string; expr: string }[] }) =>
      rules.map(({ alert, expr }): [string, string] => [`alert ${alert}`, expr]),
    ),
  ]

  test('the dashboard and the alert rules use metrics that a server has', async () => {
    // Without TLS there is no sample of its certificate, but the name.
    const declared = (await (await fetch(open)).text()).matchAll(/^# TYPE (\S+) /gm)
    const samples = [...(await scrape()).keys()].map((name) => name.split('{', 1)[0])
    const names = new Set([...samples, ...[...declared].map(([, name]) => name)])
    const used = expressions.flatMap(([place, expr]) =>
      [...expr.matchAll(/\b(?:chandler|nodejs|process)_\w+/g)].map(([name]) => ({ place, name })),
    )
    expect(used.length).toBeGreaterThan(expressions.length - 2)
    expect(used.filter(({ name }) => !names.has(name))).toEqual([])
  })

  test('promtool accepts the alert rules, the expressions of the dashboard, and the metrics', async ({ skip }) => {
    skip(promtool === undefined, 'this machine has no promtool, and apt-get cannot fetch it')
    const check = (args: readonly string[], input = '') =>
      execFileSync(promtool ?? '', args, { input, encoding: 'utf8', stdio: 'pipe' })
    expect(check(['check', 'rules', `${folder}/alerts.yaml`])).toContain('SUCCESS')
    const recorded = expressions.map(([, expr], index) => ({ record: `panel:${index}`, expr }))
    const rules = join(system.folder, 'dashboard.json')
    writeFileSync(rules, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }))
    expect(check(['check', 'rules', rules])).toContain('SUCCESS')
    const text = await (await fetch(open)).text()
    expect(() => check(['check', 'metrics'], `${ofChandler(text)}`)).not.toThrow()
  })
})

/** The library's own metrics of the process are not named by this project. */
const ofChandler = (text: string) =>
  `${text
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?chandler_/.test(line))
    .join('\n')}\n`

test('a database that is away: the scrape answers, says so, and shows no old counters', async () => {
  onTestFailed(() => console.error(system.describe()))
  network.cut()
  await vi.waitFor(
    async () => {
      const samples = await scrape()
      expect(samples.get('chandler_database_up')).toBe(0)
      expect([...samples.keys()].filter((name) => /^chandler_(executions|tasks|servers|work)\b/.test(name))).toEqual([])
    },
    { timeout: 110_000, interval: 500 },
  )
  network.restore()
  await vi.waitFor(async () => expect((await scrape()).get('chandler_database_up')).toBe(1), {
    timeout: 110_000,
    interval: 500,
  })
})
