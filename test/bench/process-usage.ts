import { readdir, readFile } from 'node:fs/promises'

export interface Usage {
  /** User and system time of the process and its descendants, in ms, including ended ones. */
  readonly cpuMs: number
  /** Resident memory of the process itself, in MB. */
  readonly rssMb: number
  /** Of the descendants: proportional set size, so that shared memory counts once, in MB. */
  readonly childrenMb: number
}

/** Clock ticks per second on every Linux this runs on (getconf CLK_TCK). */
const ticksPerSecond = 100

/** Reads the resource usage of a process and its descendants from proc(5). */
export async function readProcessTree(pid: number): Promise<Usage> {
  const stats = new Map<number, { parent: number; ticks: number }>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    if (text === '') continue // It ended while we looked.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    stats.set(Number(name), {
      parent: fields[1] as number,
      ticks: (fields[11] as number) + (fields[12] as number) + (fields[13] as number) + (fields[14] as number),
    })
  }
  const tree = [pid]
  for (const parent of tree) for (const [child, stat] of stats) if (stat.parent === parent) tree.push(child)
  const ticks = tree.reduce((sum, one) => sum + (stats.get(one)?.ticks ?? 0), 0)
  const children = await Promise.all(tree.slice(1).map((one) => readField(one, 'smaps_rollup', 'Pss')))
  return {
    cpuMs: (ticks * 1000) / ticksPerSecond,
    rssMb: (await readField(pid, 'status', 'VmRSS')) / 1024,
    childrenMb: children.reduce((sum, kb) => sum + kb, 0) / 1024,
  }
}

async function readField(pid: number, file: string, field: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}
