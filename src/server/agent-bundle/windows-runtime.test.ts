import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findWindowsRuntime } from './windows-runtime.ts'

/** The headers of a program for Windows, with this processor. */
function makeProgram(machine: number): Buffer {
  const bytes = Buffer.alloc(256)
  bytes.write('MZ', 0)
  bytes.writeUInt32LE(128, 0x3c)
  bytes.write('PE\0\0', 128)
  bytes.writeUInt16LE(machine, 132)
  return bytes
}

async function makeFolder(node: Buffer, host?: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-runtime-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'windows-x86_64'))
  await writeFile(join(folder, 'windows-x86_64/node.exe'), node)
  if (host) await writeFile(join(folder, 'windows-x86_64/chandler-host.exe'), host)
  return folder
}

const x64 = makeProgram(0x8664)

test('the first folder with both programs', async () => {
  const [partial, whole] = [await makeFolder(x64), await makeFolder(x64, x64)]
  const found = await findWindowsRuntime('x86_64', [partial, whole])
  expect(found).toMatchObject([
    { path: 'bin/node.exe', content: { from: join(whole, 'windows-x86_64/node.exe') } },
    { path: 'bin/chandler-host.exe' },
    { path: 'bin/chandler-agent.cmd' },
  ])
})

test('the licence of Node.js, where the folder has it', async () => {
  const folder = await makeFolder(x64, x64)
  const from = join(folder, 'windows-x86_64/node.LICENSE')
  await writeFile(from, 'licence')
  expect(await findWindowsRuntime('x86_64', [folder])).toContainEqual({
    path: 'bin/node.LICENSE',
    isExecutable: false,
    content: { from },
  })
})

test.each([
  ['without the host', x64, undefined],
  ['for another processor', x64, makeProgram(0xaa64)],
  ['a program of Linux', Buffer.from('\x7fELF'.padEnd(256)), x64],
  ['a file that is cut off', x64.subarray(0, 30), x64],
])('%s: the reason names the files', async (_, node, host) => {
  const folder = await makeFolder(node, host)
  expect(await findWindowsRuntime('x86_64', [folder])).toEqual({
    obstacle: `it has no programs for windows x86_64; run "npm run build:windows" in a checkout of this version and put node.exe and chandler-host.exe into ${join(folder, 'windows-x86_64')}`,
  })
})
