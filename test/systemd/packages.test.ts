// deb and rpm packages with a real unit, through the package managers. The expected results come from the ledger that the
// service writes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import type { Container } from './container.ts'
import { type LiveInstance, type LiveSystem, showUnit, skipReason, startLiveSystem } from './live-system.ts'
import { readVerdict, upload } from './step-ledger.ts'

const folder = '/var/ledgers'
const unitOf = (kind: string, version: string) => `[Unit]
Description=a service of a package

[Service]
ExecStartPre=/bin/sh -c 'echo ${version} start >> ${folder}/${kind}'
ExecStart=/bin/sleep infinity
ExecStopPost=/bin/sh -c 'echo ${version} stop >> ${folder}/${kind}'

[Install]
WantedBy=multi-user.target
`

/** As debhelper generates them. */
const debScripts = {
  postinst: `set -e
[ "$1" = configure ] || exit 0
deb-systemd-helper enable live-deb.service
systemctl daemon-reload
deb-systemd-invoke restart live-deb.service`,
  prerm: `set -e
[ "$1" != remove ] || deb-systemd-invoke stop live-deb.service`,
  postrm: `set -e
[ "$1" != remove ] || { deb-systemd-helper purge live-deb.service; deb-systemd-helper unmask live-deb.service; }
systemctl daemon-reload`,
}

/** As the macros of systemd generate them. */
const rpmScripts = `%post
systemctl daemon-reload
if [ "$1" = 1 ]; then systemctl enable --now live-rpm.service; fi
%preun
if [ "$1" = 0 ]; then systemctl disable --now live-rpm.service; fi
%postun
systemctl daemon-reload
if [ "$1" != 0 ]; then systemctl try-restart live-rpm.service; fi
`

/** Builds a package in the container, with its own tools; gives the path there. */
const builders = {
  async deb(container: Container, version: string): Promise<string> {
    const place = `/root/deb-${version}`
    const control = `Package: live-deb\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: a test\n`
    await container.write(`${place}/DEBIAN/control`, control)
    for (const [name, text] of Object.entries(debScripts))
      await container.write(`${place}/DEBIAN/${name}`, `#!/bin/sh\n${text}\n`, 0o755)
    await container.write(`${place}/lib/systemd/system/live-deb.service`, unitOf('deb', version))
    await container.ask('dpkg-deb', '--build', '--root-owner-group', place, `${place}.deb`)
    return `${place}.deb`
  },
  async rpm(container: Container, version: string): Promise<string> {
    const place = `/root/rpm-${version}`
    const unit = '/usr/lib/systemd/system/live-rpm.service'
    const head = `Name: live-rpm\nVersion: ${version}\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\nAutoReqProv: no\n`
    const body = `%description\na test\n%install\ninstall -D -m 644 ${place}/unit %{buildroot}${unit}\n${rpmScripts}%files\n${unit}\n`
    await container.write(`${place}/unit`, unitOf('rpm', version))
    await container.write(`${place}/it.spec`, head + body)
    await container.ask('rpmbuild', '-bb', '--quiet', ...defines(place), `${place}/it.spec`)
    return `${place}/it.rpm`
  },
}

const defines = (place: string) =>
  [`_topdir ${place}/build`, `_rpmdir ${place}`, '_build_name_fmt it.rpm', '__os_install_post %{nil}'].flatMap(
    (one) => ['--define', one],
  )

/** Debian's own files are in no database of rpm: this package stands for them. */
async function installBaseRpm(container: Container): Promise<void> {
  const spec =
    'Name: base\nVersion: 1\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\nProvides: /bin/sh\n%description\na test\n%files\n'
  await container.write('/root/base/it.spec', spec)
  await container.ask('rpmbuild', '-bb', '--quiet', ...defines('/root/base'), '/root/base/it.spec')
  await container.ask('rpm', '--install', '/root/base/it.rpm')
}

// Without root, overlays or apt there are no containers. In CI the tests do not ask.
describe.skipIf(skipReason !== undefined)('a package with a unit', () => {
  let live: LiveSystem
  let instance: LiveInstance

  beforeAll(async () => {
    live = await startLiveSystem()
    instance = await live.addInstance('packages')
    await instance.container.ask('mkdir', folder)
    await installBaseRpm(instance.container)
  })
  afterAll(() => live?.stop())

  test.each(['deb', 'rpm'] as const)(
    '%s: it is enabled and started, starts with the machine, is restarted by an update, and is gone after its removal',
    async (kind) => {
      onTestFailed(async () => console.error(await live.describe()))
      const { client } = live
      const { container, id } = instance
      const name = `live-${kind}`
      const readLedger = async () => (await readFile(join(container.disk, folder, kind), 'utf8')).trim().split('\n')
      const makeVersion = async (version: string) => ({
        versionDescription: version,
        scope: {},
        parameters: {},
        configurations: [
          {
            os: 'linux' as const,
            arch: 'any' as const,
            artifact: await uploadPackage(kind, version),
            scripts: {},
            verify: [],
            run: { timeoutMs: 600_000, unpack: false, keepWorkspace: 'never' as const },
          },
        ],
      })
      async function uploadPackage(of: 'deb' | 'rpm', version: string) {
        const path = await builders[of](container, version)
        const bytes = await readFile(join(container.disk, path))
        const fileName = of === 'deb' ? `${name}_${version}_all.deb` : `${name}-${version}-1.noarch.rpm`
        return upload(client, { bytes: () => bytes, fileName, kind: of })
      }
      const run = async (action: 'install' | 'update' | 'uninstall', version?: string) => {
        const { id: executionId } = await client.executions.start({
          action,
          extension: name,
          ...(version === undefined ? {} : { version }),
          targets: { kind: 'ids', ids: [id] },
        })
        return readVerdict(client, executionId, id, name)
      }
      const readUnit = () => showUnit(container, `${name}.service`, 'ActiveState', 'UnitFileState', 'ControlGroup')
      const runs = { ActiveState: 'active', UnitFileState: 'enabled', ControlGroup: `/system.slice/${name}.service` }

      await client.extensions.create({ ...(await makeVersion('1.0')), name, type: 'Application', description: '' })
      await client.extensions.createVersion(name, await makeVersion('2.0'))
      expect(await run('install', 'v1')).toMatchObject({ status: 'Success', installed: 'v1' })
      expect(await readUnit()).toEqual(runs)
      expect(await readLedger()).toEqual(['1.0 start'])

      const { boots } = container
      await container.run('systemctl', 'reboot')
      await container.rebooted(boots)
      expect(await readUnit()).toEqual(runs)
      expect(await readLedger()).toEqual(['1.0 start', '1.0 stop', '1.0 start'])

      expect(await run('update', 'v2')).toMatchObject({ status: 'Success', installed: 'v2' })
      expect(await readUnit()).toEqual(runs)
      expect((await readLedger()).slice(3)).toEqual([expect.stringMatching(/ stop$/), '2.0 start'])

      // The service is not part of the agent: whatever happens to that, it runs.
      await container.ask('systemctl', 'kill', '--kill-whom=all', '--signal=KILL', 'chandler-agent')
      expect(await readUnit()).toEqual(runs)

      expect(await run('uninstall')).toMatchObject({ status: 'Success', installed: undefined })
      await vi.waitFor(async () =>
        expect(await readUnit()).toMatchObject({ ActiveState: 'inactive', UnitFileState: '' }),
      )
      expect((await readLedger()).at(-1)).toBe('2.0 stop')
    },
  )
})
