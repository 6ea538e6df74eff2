import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Gives a server a Node.js of some hundred bytes for the agents of this architecture: a program that executes the
 * Node.js of this process. To pack, send and unpack the real one takes ten seconds of a processor; everything else is
 * the same (install-bundle.test.ts installs the real one). On machines other than x86_64 the server keeps it.
 * @param dataDirectory of a server that has not provided an agent yet
 */
export function provideNodeLauncher(dataDirectory: string): void {
  if (process.arch !== 'x64') return
  const folder = join(dataDirectory, 'agent-node/linux-x86_64')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'node'), makeLauncher(process.execPath), { mode: 0o755 })
}

/** What `as` makes of the text beside it. The path to execute follows the last line. */
const instructions = [
  ['4c8d642408 488b0424 4d8d74c408', 'lea r12, [rsp+8]; mov rax, [rsp]; lea r14, [r12+rax*8+8]  (argv, argc, envp)'],
  ['4881ec00200000 4989e5 4c8d3db9000000', 'sub rsp, 8192; mov r13, rsp; lea r15, [rip+path]'],
  ['b859000000 488d3d9e000000 4c89ee ba00100000 0f05', 'readlink(self, r13, 4096)'],
  ['85c0 0f8880000000', 'test eax, eax; js fail'],
  ['41c74405002e72756e 41c644050400', "mov dword ptr [r13+rax], '.run'; mov byte ptr [r13+rax+4], 0"],
  ['b856000000 4c89ff 4c89ee 0f05', 'link(r15, r13)'],
  ['85c0 7450 83f8ef 744b', 'test eax, eax; je run; cmp eax, -EEXIST; je run'],
  ['b802000000 4c89ff 31f6 0f05 89c3', 'open(r15, O_RDONLY); mov ebx, eax'],
  ['b802000000 4c89ef bec1000000 baed010000 0f05', 'open(r13, O_WRONLY | O_CREAT | O_EXCL, 0755)'],
  ['85c0 7835 89c5', 'test eax, eax; js fail; mov ebp, eax'],
  ['b828000000 89ef 89de 31d2 41ba00f0ff7f 0f05', 'copy: sendfile(ebp, ebx, NULL, 0x7ffff000)'],
  ['4885c0 7fe8 7819', 'test rax, rax; jg copy; js fail'],
  ['b803000000 89ef 0f05', 'close(ebp)'],
  ['b83b000000 4c89ef 4c89e6 4c89f2 0f05', 'run: execve(r13, r12, r14)'],
  ['bf7f000000 b83c000000 0f05', 'fail: exit(127)'],
  ['2f70726f632f73656c662f65786500', "self: '/proc/self/exe'"],
] as const

const headerBytes = 64
const programHeaderBytes = 56
const loadedAt = 0x400000

/**
 * A static ELF program for x86_64. It links `path` (or, on another disk, copies it) to its own path with `.run` behind it, and
 * executes that with its arguments and environment: the agent's program is a file of its installation, as it must be.
 */
function makeLauncher(path: string): Buffer {
  const code = Buffer.from(
    instructions
      .map(([bytes]) => bytes)
      .join('')
      .replaceAll(' ', ''),
    'hex',
  )
  const start = headerBytes + programHeaderBytes
  const size = start + code.length + Buffer.byteLength(path) + 1
  const file = Buffer.alloc(size)
  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(2, 16) // an executable
  file.writeUInt16LE(62, 18) // x86_64
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(loadedAt + start), 24)
  file.writeBigUInt64LE(BigInt(headerBytes), 32)
  file.writeUInt16LE(headerBytes, 52)
  file.writeUInt16LE(programHeaderBytes, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, headerBytes) // loaded
  file.writeUInt32LE(5, headerBytes + 4) // readable, executable
  file.writeBigUInt64LE(BigInt(loadedAt), headerBytes + 16)
  file.writeBigUInt64LE(BigInt(loadedAt), headerBytes + 24)
  file.writeBigUInt64LE(BigInt(size), headerBytes + 32)
  file.writeBigUInt64LE(BigInt(size), headerBytes + 40)
  file.writeBigUInt64LE(0x1000n, headerBytes + 48)
  code.copy(file, start)
  file.write(path, start + code.length)
  return file
}
