import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { projectRoot } from '../../../test/rules/project-files.ts'
import { createLogger } from '../../lib/logger.ts'
import { createAgentBundles } from './agent-bundle.ts'

/** Executables that only their header makes programs: of this many bytes. */
async function makeBundles(bytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-bundles-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const executables = join(folder, 'executables')
  for (const [arch, machine] of [
    ['x86_64', 62],
    ['arm64', 183],
  ] as const) {
    await mkdir(join(executables, `linux-${arch}`), { recursive: true })
    const program = Buffer.alloc(bytes, arch)
    program.write('\x7fELF', 'latin1')
    program.writeUInt16LE(machine, 18)
    await writeFile(join(executables, `linux-${arch}`, 'chandler-agent'), program)
  }
  await writeFile(join(executables, 'VERSION'), '1.0.0\n')
  await writeFile(join(folder, 'LICENSE'), 'a licence\n')
  const lines: string[] = []
  const stop = new AbortController()
  const options = {
    dataDirectory: folder,
    projectDirectory: folder,
    executablesDirectory: executables,
    version: '1.0.0',
    log: createLogger({ level: 'debug', format: 'text', write: (line) => lines.push(line), now: Date.now }),
    stop: stop.signal,
  }
  const build = () => createAgentBundles(options).build()
  return { folder, options, build, stop, lines, list: () => readdir(join(folder, 'agent-bundles')) }
}

test('bundles of both architectures are built before anyone asks, and the next start finds them', async () => {
  const { build, list, lines } = await makeBundles(1_000)
  await build()
  const made = await list()
  expect(made).toEqual([
    expect.stringMatching(/^chandler-agent-linux-arm64-1\.0\.0-.*\.tar\.gz$/),
    expect.stringMatching(/^chandler-agent-linux-x86_64-1\.0\.0-.*\.tar\.gz$/),
  ])
  expect(lines.filter((line) => line.includes('was built'))).toHaveLength(2)
  await build()
  expect(await list()).toEqual(made)
  expect(lines.filter((line) => line.includes('was built'))).toHaveLength(2)
})

test('a server that stops ends the build, without a problem and without a draft', async () => {
  const { build, list, stop, lines } = await makeBundles(50_000_000)
  const building = build()
  await expect.poll(() => list().catch(() => []), { interval: 1 }).toHaveLength(1)
  stop.abort()
  await building
  expect(await list()).toEqual([])
  expect(lines).toEqual([])
})

test('a bundle that cannot be written is a warning, and the other one is built', async () => {
  const { build, folder, lines } = await makeBundles(1_000)
  await writeFile(join(folder, 'agent-bundles'), 'in the way')
  await build()
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('the next request for it tries again')
})

test('an architecture without an agent is no problem until an instance asks for it', async () => {
  const { folder, options, lines, list } = await makeBundles(1_000)
  const other = process.arch === 'arm64' ? 'x86_64' : 'arm64'
  await rm(join(folder, 'executables', `linux-${other}`), { recursive: true })
  const bundles = createAgentBundles({ ...options, projectDirectory: projectRoot })
  const isRefused = (line: string) => line.includes('no agent can be provided')
  await bundles.build()
  expect(await list()).toHaveLength(1)
  expect(lines.filter(isRefused)).toEqual([])
  await expect(bundles.open(other)).rejects.toMatchObject({ code: 'AgentBundleUnavailable' })
  expect(lines.filter(isRefused)).toHaveLength(1)
})
