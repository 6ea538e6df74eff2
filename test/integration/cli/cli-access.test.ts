/** Users, policies and roles from the command line, in one story. The instances are simulated. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliSystem, startCliSystem } from './cli-system.ts'

interface Key {
  readonly id: string
  readonly secret: string
}

let system: CliSystem
let key: Key
let instance: string

beforeAll(async () => {
  system = await startCliSystem()
  await system.simulate(1, '--duration', '10ms-30ms', '--name-prefix', 'web', '--seed', '7')
  for (const name of ['web-a', 'db-a']) await system.createExtension(name)
  const [first] = await system.json<{ id: string }[]>('instance', 'list')
  instance = first?.id ?? ''
})
afterAll(() => system.stop())

const writePolicy = async (name: string, text: string) => {
  const file = join(system.folder, name)
  await writeFile(file, text)
  return file
}
const printed = async (...args: string[]) => {
  const { code, stdout, stderr } = await system.run(...args)
  expect({ args, code, stderr }).toMatchObject({ code: 0 })
  return stdout
}

test('an invalid policy is refused before the request, with the place of the problem', async () => {
  const file = await writePolicy('wrong.yaml', 'Version: "1"\nStatement: { Effect: Allow, Action: "oos:*" }\n')
  const { code, stderr } = await system.run('policy', 'create', 'Wrong', file)
  expect(code).toBe(2)
  expect(stderr).toContain('wrong.yaml: Statement[1].Resource is missing')
})

test('a user is created, and gets a policy written as YAML and a key', async () => {
  const file = await writePolicy(
    'deploy-web.yaml',
    [
      'Version: "1"',
      'Statement:',
      '  # What is deployed from the build server.',
      '  - { Effect: Allow, Action: "oos:StartExecution", Resource: ["acs:oos:*:*:template/web-*", "acs:oos:*:*:instance/*"] }',
      '  - { Effect: Allow, Action: ["oos:Get*", "oos:List*", "ecs:Describe*"], Resource: "*" }',
    ].join('\n'),
  )
  expect(await printed('user', 'create', 'ci', '--description', 'deploys')).toContain('chandler user attach ci POLICY')
  expect(await printed('policy', 'create', 'DeployWeb', file)).toContain('chandler user attach USER DeployWeb')
  expect(await printed('user', 'attach', 'ci', 'DeployWeb')).toBe('DeployWeb attached to ci\n')
  expect(await system.json('user', 'show', 'ci')).toMatchObject({ description: 'deploys', policies: ['DeployWeb'] })
  expect(await printed('user', 'list')).toMatch(/^ci +DeployWeb /m)
  expect(await printed('policy', 'show', 'DeployWeb')).toContain('user ci')
  expect(await printed('policy', 'list')).toMatch(/^AdministratorAccess +built in/m)
  key = await system.json<Key>('access-key', 'create', '--user', 'ci')
})

test('whoami prints the owner of the key and the permissions', async () => {
  expect(await printed('whoami')).toMatch(/user +admin\n[^]*permissions +everything/)
  const { stdout } = await system.runAs(key, 'whoami')
  expect(stdout).toMatch(/user +ci\n[^]*policies +DeployWeb/)
})

test('the user can do what the policy allows, and other requests name the missing permission', async () => {
  const installed = await system.runAs(key, 'install', 'web-a', '--targets', 'all')
  expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining('Success: install web-a v1') })
  const refused = await system.runAs(key, 'install', 'db-a', '--targets', 'all')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(
    'user ci is not allowed to perform oos:StartExecution on acs:oos:default:default:template/db-a: none of its policies allows it.',
  )
  expect(refused.stderr).toContain('docs/access.md')
})

test('a changed or detached policy takes effect at once', async () => {
  const file = await writePolicy(
    'deny.json',
    JSON.stringify({ Version: '1', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } }),
  )
  await printed('user', 'attach', 'ci', 'AdministratorAccess')
  await printed('policy', 'update', 'DeployWeb', file)
  const denied = await system.runAs(key, 'extension', 'list')
  expect(denied.stderr).toContain('statement 1 of policy DeployWeb denies it')
  expect(await printed('user', 'detach', 'ci', 'DeployWeb')).toBe('DeployWeb detached from ci\n')
  expect(await system.runAs(key, 'extension', 'list')).toMatchObject({ code: 0 })
})

test('an instance with another role receives what that role allows', async () => {
  const install = () => system.run('install', 'db-a', '--targets', 'all')
  await printed('role', 'create', 'bare')
  expect(await printed('instance', 'set-role', instance, 'bare')).toBe(`${instance} has the role bare\n`)
  expect(await printed('instance', 'show', instance)).toMatch(/role +bare/)
  const refused = await install()
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain('role bare is not allowed to perform oos:GetTemplate')
  await printed('role', 'attach', 'bare', 'InstallExtensions')
  expect(await install()).toMatchObject({ code: 0 })
  const inUse = await system.run('role', 'delete', 'bare')
  expect(inUse.stderr).toContain('instances with the role: 1')
  await printed('instance', 'set-role', instance, 'ExtensionInstance')
  expect(await printed('role', 'delete', 'bare')).toBe('bare deleted\n')
})

test('resources in use need --force to be deleted, and a key ends with its user', async () => {
  const refused = await system.run('user', 'delete', 'ci')
  expect(refused.stderr).toContain('1 of its access keys is enabled')
  await printed('user', 'delete', 'ci', '--force')
  expect((await system.runAs(key, 'whoami')).stderr).toContain('The access key id is unknown')
  await printed('policy', 'delete', 'DeployWeb')
  const { stderr } = await system.run('policy', 'delete', 'AdministratorAccess', '--force')
  expect(stderr).toContain('is built in: it cannot be deleted')
})
