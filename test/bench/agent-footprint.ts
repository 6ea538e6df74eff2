import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compileAgent } from '../../scripts/release/compile-agent.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createDemo, timeInstall } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import type { System } from './system.ts'
import { endChild, spawnTied } from './tied-child.ts'

const script = new URL('../../bin/chandler-agent.mjs', import.meta.url).pathname
const starts = 11
/** By then an agent has returned what only its start needed. */
const restMs = 120_000
const afterInstallMs = 80_000
const packageBytes = 60 * 1024 * 1024

/**
 * One real agent on Node.js and one as an executable, each connected to the server: memory at rest
 * and after an installation of 60 MB, and the time of a start.
 */
export async function measureAgentFootprint(system: System): Promise<object[]> {
  const { client, directory, url } = system
  const [platform, arch] =
    process.arch === 'arm64' ? (['linux-arm64', 'arm64'] as const) : (['linux-x64', 'x86_64'] as const)
  compileAgent(join(directory, 'agent'), [platform])
  const programs: Record<'node' | 'executable', readonly [string, ...string[]]> = {
    node: [process.execPath, script],
    executable: [join(directory, 'agent', `linux-${arch}`, 'chandler-agent')],
  }
  const names = ['node', 'executable'] as const
  const { token } = await client.joinTokens.create({ uses: names.length })
  const tokenFile = join(directory, 'join-token')
  await writeFile(tokenFile, token, { mode: 0o600 })

  const startMs = new Map<string, number>()
  const agents = new Map<string, ChildProcess>()
  for (const name of names) {
    const [program, ...args] = programs[name]
    const times: number[] = []
    for (let start = 0; start < starts; start++) times.push(await timeStart(program, args))
    startMs.set(name, Math.round(median(times)))
    const options = ['--server', url, '--state', join(directory, `state-${name}`), '--token-file', tokenFile]
    agents.set(name, spawnTied(program, [...args, ...options, '--name', name], { stdio: 'ignore' }))
  }
  const readAll = async () => {
    const read = new Map<string, Memory>()
    for (const [name, child] of agents) read.set(name, await readMemory(child))
    return read
  }
  try {
    while ((await client.instances.list({ status: 'online' })).items.length < agents.size) await systemClock.wait(100)
    await systemClock.wait(restMs)
    const atRest = await readAll()
    const artifact = join(directory, 'large.bin')
    await writeFile(artifact, randomBytes(packageBytes))
    await createDemo(client, { name: 'large', artifact })
    await timeInstall(client, 'large', agents.size)
    await rm(artifact)
    await systemClock.wait(afterInstallMs)
    const afterInstall = await readAll()
    return names.map((agent) => {
      const [start, rest, after] = [startMs.get(agent)!, atRest.get(agent)!, afterInstall.get(agent)!]
      const isMet = rest.rssMb <= 50 && rest.privateDirtyMb <= 15 && after.rssMb <= 70 && start <= 150
      return {
        bench: 'agent-footprint',
        agent,
        startMs: start,
        atRest: rest,
        afterInstall: after,
        ...budget('at rest ≤ 50 MB RSS and ≤ 15 MB private dirty, after 60 MB ≤ 70 MB, start ≤ 150 ms', isMet),
      }
    })
  } finally {
    for (const child of agents.values()) await endChild(child)
  }
}

interface Memory {
  readonly rssMb: number
  readonly privateDirtyMb: number
}

/** Until a program that loads what a running agent needs has ended. */
async function timeStart(program: string, args: readonly string[]): Promise<number> {
  const from = performance.now()
  const child = spawnTied(program, [...args, '--version'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  return performance.now() - from
}

async function readMemory({ pid }: ChildProcess): Promise<Memory> {
  const file = `/proc/${pid}/smaps_rollup`
  if (!existsSync(file)) throw new Error('an agent has ended')
  const text = await readFile(file, 'utf8')
  const read = (field: string) => round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1_024, 1)
  return { rssMb: read('Rss'), privateDirtyMb: read('Private_Dirty') }
}
