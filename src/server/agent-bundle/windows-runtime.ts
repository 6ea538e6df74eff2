import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentArch } from '../../core/instance/agent-program.ts'
import type { BundleFile } from './bundle-file.ts'

/** `Machine` of the header of programs for Windows (PE format). */
const peMachine: Record<AgentArch, number> = { x86_64: 0x8664, arm64: 0xaa64 }

/** Whether the file is a Windows program for this architecture, by its own header. */
async function isPeFor(arch: AgentArch, path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1_024), 0, 1_024, 0)
    if (bytesRead < 64 || buffer.toString('latin1', 0, 2) !== 'MZ') return false
    const at = buffer.readUInt32LE(0x3c)
    if (at + 6 > bytesRead) return false
    return buffer.readUInt32BE(at) === 0x50450000 && buffer.readUInt16LE(at + 4) === peMachine[arch]
  } finally {
    await file.close()
  }
}

const programs = ['node.exe', 'chandler-host.exe'] as const

/**
 * Node.js and the service host for Windows, from the first folder that has both.
 * @returns the files, or the reason why there are none
 */
export async function findWindowsRuntime(
  arch: AgentArch,
  folders: readonly string[],
): Promise<readonly BundleFile[] | { readonly obstacle: string }> {
  for (const folder of folders.map((parent) => join(parent, `windows-${arch}`))) {
    const paths = programs.map((name) => join(folder, name))
    const isUsable = await Promise.all(paths.map((path) => isPeFor(arch, path)))
    if (isUsable.every(Boolean))
      return [
        ...paths.map((path, index) => ({
          path: `bin/${programs[index]}`,
          isExecutable: true,
          content: { from: path },
        })),
        ...listLicence(folder),
        { path: 'bin/chandler-agent.cmd', isExecutable: true, content: { text: launcher } },
      ]
  }
  const last = folders.at(-1) ?? ''
  return {
    obstacle: `it has no programs for windows ${arch}; run "npm run build:windows" in a checkout of this version and put node.exe and chandler-host.exe into ${join(last, `windows-${arch}`)}`,
  }
}

/** That of Node.js, which a release has beside it. */
function listLicence(folder: string): BundleFile[] {
  const from = join(folder, 'node.LICENSE')
  return existsSync(from) ? [{ path: 'bin/node.LICENSE', isExecutable: false, content: { from } }] : []
}

const launcher = '@"%~dp0node.exe" "%~dp0chandler-agent.mjs" %*\r\n'
