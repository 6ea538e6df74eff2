import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../lib/logger.ts'
import { buildAgentBundles, createAgentBundles } from './agent-bundle.ts'

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
  const build = () => buildAgentBundles(createAgentBundles(options), options)
  return { folder, build, stop, lines, list: () => readdir(join(folder, 'agent-bundles')) }
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
