import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentArch } from '../../core/instance/agent-program.ts'
import type { BundleFile } from './bundle-file.ts'
import { isElfFor } from './elf-machine.ts'

/** A folder with compiled agents: `VERSION`, `linux-ARCH/chandler-agent` and `linux-ARCH/lib`. */
export interface AgentExecutables {
  readonly directory: string
  /** The version of the server: agents of another one are not handed out. */
  readonly version: string
}

/** A compiled agent, or the reason why there is none. */
export type FoundExecutable =
  | { readonly path: string; readonly files: readonly BundleFile[] }
  | { readonly obstacle: string }

export async function findExecutable(
  arch: AgentArch,
  { directory, version }: AgentExecutables,
): Promise<FoundExecutable> {
  const folder = join(directory, `linux-${arch}`)
  const path = join(folder, 'chandler-agent')
  if (!existsSync(path)) return { obstacle: `${path} does not exist` }
  if (!(await isElfFor(arch, path))) return { obstacle: `${path} is no Linux program for ${arch}` }
  const built = await readFile(join(directory, 'VERSION'), 'utf8').catch(() => '')
  if (built.trim() !== version) return { obstacle: `${directory} has agents of version ${built.trim() || 'unknown'}` }
  const lib = join(folder, 'lib')
  const libraries = existsSync(lib) ? (await readdir(lib)).sort() : []
  return {
    path,
    files: [
      { path: 'bin/chandler-agent', isExecutable: true, content: { from: path } },
      ...libraries.map((name) => ({
        path: `lib/${name}`,
        isExecutable: name === 'chandler-agent' || name.startsWith('ld-'),
        content: { from: join(lib, name) },
      })),
    ],
  }
}
