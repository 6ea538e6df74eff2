/** Pictures of all console pages: light, dark, narrow and Chinese. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ConsoleSystem, type OpenOptions, startConsoleSystem } from '../e2e/console-system.ts'

const execute = promisify(execFile)
const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))

const variants: Readonly<Record<string, OpenOptions>> = {
  light: {},
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 480, height: 900 } },
  chinese: { language: 'zh-CN' },
}

let site: ConsoleSystem
/** Waiting for approval of its next batch, with failures so far. */
let executionId: string
/** Ended, with failures of several kinds. */
let failedId: string
let instanceId: string

const extensionOf = (lines: readonly string[]) => ({
  'extension.yaml': `${lines.join('\n')}\n`,
  'install.sh': `#!/bin/bash
# Unpacks the release beside the one that runs, and changes over in one step.
set -euo pipefail
release="/opt/gateway/releases/$CHANDLER_VERSION"
mkdir -p "$release"
tar -xzf "$CHANDLER_PACKAGE" -C "$release"
echo "listen {{ port }}; log {{ log-level }}" > "$release/gateway.conf"
ln -sfn "$release" /opt/gateway/current
systemctl restart gateway
`,
  'uninstall.sh': `#!/bin/bash
set -eu
systemctl disable --now gateway
rm -rf /opt/gateway
`,
})

const gateway = (description: string, ...more: readonly string[]) => [
  'name: gateway',
  'type: Application',
  'description: Takes requests from outside and hands them on',
  `versionDescription: ${description}`,
  'scope: { platforms: [{ id: debian }, { id: ubuntu, versions: ">=22.04" }, { id: rocky }, { id: alinux }] }',
  'parameters:',
  '  port: { type: Number, default: 8080, min: 1024, max: 65535, description: Where it listens }',
  '  log-level: { type: String, default: info, allowedValues: [debug, info, warn] }',
  '  token: { type: String, default: "", noEcho: true, description: For the service registry }',
  'configurations:',
  '  - { os: linux, artifact: package.bin, install: install.sh, uninstall: uninstall.sh }',
  ...more,
]
const agentOf = (name: string, type: string, description: string) => [
  `name: ${name}`,
  `type: ${type}`,
  `description: ${description}`,
  'configurations:',
  '  - { os: linux, artifact: package.bin, install: install.sh, uninstall: uninstall.sh }',
]

/** Runs real scripts that only print: output of a failing installation by apt. */
const timeSync = {
  'extension.yaml': [
    'name: time-sync',
    'type: Agent',
    'description: Keeps the clock right',
    'configurations:',
    '  - { os: linux, install: install.sh, uninstall: uninstall.sh }',
  ].join('\n'),
  'install.sh': `#!/bin/sh
echo 'Reading package lists... Done'
echo 'Building dependency tree... Done'
name={{ ACS::InstanceName }}
number=\${name##*-}
if [ $((number % 3)) -eq 0 ]; then
  echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process $$ (unattended-upgr)" >&2
  exit 100
elif [ $((number % 7)) -eq 0 ]; then
  echo "curl: (6) Could not resolve host: packages.internal" >&2
  exit 6
elif [ $((number % 11)) -eq 0 ]; then
  echo 'tar: /opt/time-sync: Cannot write: No space left on device' >&2
  exit 2
fi
echo "Setting up time-sync ($CHANDLER_VERSION) ... done"
`,
  'uninstall.sh': '#!/bin/sh\nexit 0\n',
}

const waitForStatus = (id: string, wanted: string) =>
  vi.waitFor(
    async () => {
      const { status } = await site.system.json<{ status: string }>('execution', 'show', id)
      if (status !== wanted) throw new Error(`${id} is ${status}`)
    },
    { timeout: 60_000, interval: 200 },
  )

/** Without a Chinese font, browsers render nothing and report no error. */
async function requireChineseFont(): Promise<void> {
  const { stdout } = await execute('fc-list', [':lang=zh', 'family'])
  if (stdout.trim() === '') throw new Error('this machine has no Chinese font: install one (Debian: fonts-noto-cjk)')
}

beforeAll(async () => {
  await requireChineseFont()
  await mkdir(folder, { recursive: true })
  site = await startConsoleSystem()
  const { system } = site
  const often = ['--duration', '100ms-400ms', '--output-bytes', '1500']
  await system.simulate(160, '--seed', '7', '--name-prefix', 'web', '--tag', 'env=prod', '--tag', 'tier=web', ...often)
  await system.simulate(40, '--seed', '8', '--name-prefix', 'db', '--tag', 'env=prod', '--tag', 'tier=db', ...often)
  const weak = ['--tag', 'env=staging', '--failure-rate', '12%', '--duration', '100ms-400ms', '--output-bytes', '1500']
  await system.simulate(48, '--seed', '9', '--name-prefix', 'staging', ...weak)

  const create = async (name: string, lines: readonly string[], command = 'create') =>
    system.json('extension', command, await system.makeExtension(name, extensionOf(lines)))
  const plain = (lines: readonly string[]) => lines.filter((line) => !/^ {2}(port|log-level|token):/.test(line))
  await create('gateway', gateway('the first release'))
  await create('gateway', gateway('keeps connections open'), 'update')
  await create('gateway', gateway('takes HTTP/2'), 'update')
  const simple = '#!/bin/sh\nset -e\ntar -xzf "$CHANDLER_PACKAGE" -C /opt\n'
  for (const [name, type, description] of [
    ['metrics-agent', 'Agent', 'Reports what the machine does'],
    ['log-shipper', 'Agent', 'Sends logs to where they are kept'],
    ['tcp-tuning', 'PerformanceAcceleration', 'Settings of the kernel for many connections'],
    ['nic-driver', 'Driver', 'For the new network cards'],
  ] as const) {
    const files = { ...extensionOf(plain(agentOf(name, type, description))), 'install.sh': simple }
    await system.json('extension', 'create', await system.makeExtension(name, { ...files, 'uninstall.sh': simple }))
  }
  await system.run('install', 'metrics-agent', '--targets', 'all', '--max-errors', '50%')
  await system.run('install', 'log-shipper', '--targets', 'tag:env=prod', '--batch', '1,10%,50%')
  await system.run('install', 'gateway', '--version', 'v1', '--targets', 'tag:tier=web', '--concurrency', '40')
  await system.run('update', 'gateway', '--version', 'v2', '--targets', 'tag:tier=web', '--batch', '5,20%')
  await system.run('install', 'tcp-tuning', '--targets', 'tag:tier=db')
  const rollout = [
    '--targets',
    'all',
    '--detach',
    '--description',
    'HTTP/2 everywhere',
    '--batch',
    '2,10%,25%',
    '--max-errors',
    '20%',
    '--pause',
    'every',
  ]
  const started = await system.json<{ id: string }>('install', 'gateway', ...rollout)
  executionId = started.id
  for (const batch of [1, 2, 3]) {
    await waitForStatus(executionId, 'Waiting')
    if (batch < 3) await system.json('execution', 'resume', executionId)
  }
  // Created last: executions for all instances must not include these, whose scripts really run.
  await system.simulate(40, '--scripts', 'real', '--seed', '10', '--name-prefix', 'lab', '--tag', 'env=lab')
  await system.json('extension', 'create', await system.makeExtension('time-sync', timeSync))
  const everywhere = ['--targets', 'tag:env=lab', '--max-errors', '100%', '--strict', '--detach']
  const failing = await system.json<{ id: string }>('install', 'time-sync', ...everywhere)
  failedId = failing.id
  await waitForStatus(failedId, 'Failed')
  const [instance] = await system.json<{ id: string }[]>('instance', 'list', '--name', 'web-1')
  instanceId = instance?.id ?? ''
})
afterAll(() => site.stop())

interface Shot {
  readonly path: () => string
  /** Text that is visible in every language after loading. */
  readonly shows?: string
  /** Role that is visible after loading, for pages with translated labels. */
  readonly holds?: 'textbox' | 'rowheader'
}

const batch = '/batch?action=install&extension=gateway&control=Batch'
const pages: Readonly<Record<string, Shot>> = {
  'sign-in': { path: () => '/' },
  overview: { path: () => '/', shows: 'gateway' },
  instances: { path: () => '/instances', shows: 'db-1' },
  instance: { path: () => `/instances/${instanceId}`, shows: 'metrics-agent' },
  extensions: { path: () => '/extensions', shows: 'metrics-agent' },
  extension: { path: () => '/extensions/gateway', shows: 'systemctl restart gateway' },
  'extension-difference': { path: () => '/extensions/gateway?tab=difference&from=v1&to=v3', shows: 'takes HTTP/2' },
  'create-extension': { path: () => '/extensions/create', holds: 'textbox' },
  batch: { path: () => `${batch}&by=tags&tags=env=prod&pause=FirstBatchPause`, shows: '200' },
  'batch-confirmation': {
    path: () => `${batch}&version=v3&by=all&batches=2,10%25,25%25&step=confirm`,
    holds: 'rowheader',
  },
  executions: { path: () => '/executions', shows: 'HTTP/2 everywhere' },
  execution: { path: () => `/executions/${executionId}`, shows: 'db-10' },
  failures: { path: () => `/executions/${failedId}?tab=failures`, shows: 'Could not get lock' },
  access: { path: () => '/access', shows: 'admin' },
}

test.each(Object.entries(pages))('%s', async (name, { path, shows, holds }) => {
  for (const [variant, options] of Object.entries(variants)) {
    const page = await site.open(path(), { ...options, signedIn: name !== 'sign-in' })
    await page.getByRole('heading').first().waitFor()
    if (shows) await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor()
    if (holds) await page.getByRole('main').getByRole(holds).first().waitFor()
    await page.evaluate('document.fonts.ready')
    await page.screenshot({ path: `${folder}${name}-${variant}.png` })
    expect(await page.getByRole('heading').count(), `${name} ${variant}`).toBeGreaterThan(0)
    await page.context().close()
  }
})
