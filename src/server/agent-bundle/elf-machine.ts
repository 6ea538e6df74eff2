import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { AgentArch } from '../../core/instance/agent-program.ts'

/** `e_machine` of elf(5). */
const elfMachine: Record<AgentArch, number> = { x86_64: 62, arm64: 183 }

/** Whether the file is a program for this architecture, by its own header: no instance gets a wrong one. */
export async function isElfFor(arch: AgentArch, path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0)
    return bytesRead === 20 && buffer.readUInt32BE(0) === 0x7f454c46 && buffer.readUInt16LE(18) === elfMachine[arch]
  } finally {
    await file.close()
  }
}
