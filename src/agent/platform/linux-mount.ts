import { readFileSync } from 'node:fs'

/**
 * The mount with the longest mount point above the path: its id, device and root
 * (proc_pid_mountinfo(5)).
 */
export function findLinuxMount(path: string): string {
  let best = { point: '', name: '' }
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [id = '', , device = '', root = '', escaped = ''] = line.split(' ')
    const point = escaped.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`)
    // Of several mounts on one point, the last one is visible.
    if (point !== '' && isAbove && point.length >= best.point.length) best = { point, name: `${id}:${device}:${root}` }
  }
  return best.name
}
