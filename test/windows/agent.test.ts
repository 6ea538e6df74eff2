// The agent for Windows in Wine, as its service host runs it, at a real server.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import type { WindowsInstance } from './windows-instance.ts'
import { startWindowsSystem } from './windows-system.ts'
import type { WineMachine } from './wine-root.ts'

let windows: Awaited<ReturnType<typeof startWindowsSystem>> | undefined
let system: CliSystem
let machine: WineMachine
let instance: WindowsInstance

beforeAll(async () => {
  windows = await startWindowsSystem()
  if (!('obstacle' in windows)) ({ system, machine, instance } = windows)
}, 900_000)
beforeEach(({ skip }) => {
  const obstacle = windows && 'obstacle' in windows ? windows.obstacle : undefined
  skip(obstacle !== undefined, `no Wine: ${obstacle}`)
})
afterAll(async () => {
  if (windows && !('obstacle' in windows)) await windows.stop()
})

const slow = { timeout: 300_000 }

/** Runs a batch file on the instance by the command line. */
async function runBatch(script: string, ...options: readonly string[]) {
  const path = join(machine.folder, 'script.cmd')
  await writeFile(path, script)
  return system.run('run', '--type', 'bat', '--script', path, '--targets', `id:${instance.id}`, ...options)
}

const onWindows = (name: string) => `Z:${join(machine.folder, name).replaceAll('/', '\\')}`
const existing = (name: string) =>
  vi.waitFor(() => expect(existsSync(join(machine.folder, name))).toBe(true), { timeout: 110_000, interval: 50 })

test('the instance has facts of Windows', async () => {
  const { facts } = await system.json<{ facts: { os: object } }>('instance', 'show', instance.id)
  expect(facts.os).toMatchObject({ family: 'windows', id: 'windows', arch: 'x86_64' })
})

test('a batch file with Unix line ends, labels and a parameter', slow, async () => {
  const script =
    '@echo off\nsetlocal EnableDelayedExpansion\necho hello from %OS%\ncall :sub\necho [!CHANDLER_PARAM_word!]\necho on stderr 1>&2\nexit /b 0\n:sub\necho in a label\n'
  const ran = await runBatch(script, '--param', 'word=a & b "c"')
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 })
  for (const line of ['hello from Windows_NT', 'in a label', '[a & b "c"]', 'on stderr'])
    expect(ran.stdout + ran.stderr).toContain(line)
})

test('an exit code of 32 bits', slow, async () => {
  const ran = await runBatch('@exit /b 70000\n')
  expect(ran.code).toBe(1)
  expect(ran.stdout + ran.stderr).toContain('exit code 70000')
})

test('a placeholder in a batch file is refused', slow, async () => {
  const ran = await runBatch('@echo {{ word }}\n', '--param', 'word=x')
  expect(ran.code).not.toBe(0)
  expect(ran.stderr).toContain('use the environment variable CHANDLER_PARAM_word as !CHANDLER_PARAM_word!')
})

/** Says that it has begun, waits for a file, and ends with a code of its own. */
const waitingScript = (name: string) => `@echo off
echo begun
echo x> "${onWindows(`${name}-begun`)}"
:wait
if exist "${onWindows(`${name}-go`)}" goto done
ping -n 2 127.0.0.1 >nul
goto wait
:done
echo finished
exit /b 4242
`

test('a script outlives an agent that is killed, and its exit code is reported', slow, async () => {
  const running = runBatch(waitingScript('kill'), '--timeout', '3m')
  await existing('kill-begun')
  const [agent] = await instance.agents()
  process.kill(agent!, 'SIGKILL')
  // The service host starts another one.
  await vi.waitFor(async () => expect(await instance.agents()).not.toContain(agent), { timeout: 110_000 })
  await vi.waitFor(async () => expect(await instance.agents()).toHaveLength(1), { timeout: 110_000 })
  await instance.becomes('online')
  await writeFile(join(machine.folder, 'kill-go'), '')
  const ran = await running
  expect(ran.stdout + ran.stderr).toContain('exit code 4242')
  expect(ran.stdout.match(/begun/g)).toHaveLength(1)
  expect(ran.stdout).toContain('finished')
})

test('a cancelled script leaves no process', slow, async () => {
  const path = join(machine.folder, 'script.cmd')
  await writeFile(
    path,
    `@echo off\r\nstart /b ping -n 1111 127.0.0.1 >nul\r\nstart /b cmd /c "ping -n 1111 127.0.0.1 >nul"\r\necho x> "${onWindows('cancel-begun')}"\r\nping -n 1111 127.0.0.1 >nul\r\n`,
  )
  const options = ['--timeout', '10m', '--detach', '--targets', `id:${instance.id}`]
  const { id } = await system.json<{ id: string }>('run', '--type', 'bat', '--script', path, ...options)
  await existing('cancel-begun')
  await vi.waitFor(async () => expect((await machine.findProcesses('1111')).length).toBeGreaterThan(2), {
    timeout: 110_000,
  })
  await system.run('execution', 'cancel', id)
  await vi.waitFor(
    async () => {
      const { status } = await system.json<{ status: string }>('execution', 'show', id)
      expect(status).toBe('Cancelled')
    },
    { timeout: 110_000, interval: 500 },
  )
  await vi.waitFor(async () => expect(await machine.findProcesses('1111')).toEqual([]), { timeout: 110_000 })
})

test('a daemon that a script starts lives on, and does not delay the end of the script', slow, async () => {
  const startedAt = performance.now()
  const ran = await runBatch('@echo off\r\nstart /b ping -n 2222 127.0.0.1\r\nexit /b 0\r\n')
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 })
  // It has the workspace as its working directory, which Windows does not remove then.
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  const daemons = await machine.findProcesses('2222')
  expect(daemons.length).toBeGreaterThan(0)
  for (const pid of daemons) process.kill(pid, 'SIGKILL')
})

test('a batch file with a byte order mark', slow, async () => {
  const ran = await runBatch('\uFEFF@echo off\r\necho begun\r\n')
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 })
  expect(ran.stdout).toContain('begun')
  expect(ran.stdout).not.toContain('@echo')
})

test('an archive with a path of more than 260 characters, and spaces', slow, async () => {
  const folder = join(machine.folder, 'deep')
  const long = join(...Array.from({ length: 6 }, (_, index) => `${index}`.repeat(50)))
  await mkdir(join(folder, 'source', long), { recursive: true })
  await mkdir(join(folder, 'source/two words'))
  await writeFile(join(folder, 'source', long, 'deep.txt'), 'deep')
  await writeFile(join(folder, 'source/two words/other file.txt'), 'other')
  await writeFile(join(folder, 'source/two words/run it.cmd'), '@echo ran in [%~dp0]\r\n@exit /b 0\r\n')
  await machine.runLinux('tar', '-czf', join(folder, 'deep.tar.gz'), '-C', join(folder, 'source'), '.')
  await writeFile(
    join(folder, 'install.cmd'),
    `@call "two words\\run it.cmd"\n@dir /s /b > "${onWindows('listing')}"\n`,
  )
  await writeFile(join(folder, 'uninstall.cmd'), '@exit /b 0\n')
  await writeFile(
    join(folder, 'extension.yaml'),
    'name: deep\nconfigurations:\n  - { os: windows, arch: any, artifact: deep.tar.gz, unpack: true, install: install.cmd, uninstall: uninstall.cmd }\n',
  )
  await system.json('extension', 'create', folder)
  const workspaces = join(machine.folder, 'state/workspaces')
  const before = await readdir(workspaces)
  const installed = await system.run('install', 'deep', '--targets', `id:${instance.id}`, '--yes')
  expect(installed, installed.stdout + installed.stderr).toMatchObject({ code: 0 })
  expect(await readFile(join(machine.folder, 'listing'), 'latin1')).toContain('two words')
  // With all of its files.
  await vi.waitFor(async () => expect(await readdir(workspaces)).toEqual(before), { timeout: 110_000 })
})

/** Runs a PowerShell script with a program in the place of powershell.exe. */
async function runPowerShell(script: string, ...options: readonly string[]) {
  const path = join(machine.folder, 'script.ps1')
  await writeFile(path, script)
  return system.run('run', '--type', 'powershell', '--script', path, '--targets', `id:${instance.id}`, ...options)
}

test(
  'PowerShell scripts: options, parameters, exit codes, and a policy that forbids scripts, with a stub',
  slow,
  async () => {
    await placePowerShellStub()
    const ran = await runPowerShell(
      '#stub env CHANDLER_PARAM_word\n#stub exit 3221225786\n',
      '--param',
      'word=größe & "x" $y',
    )
    const said = ran.stdout + ran.stderr
    expect(said).toContain('options: -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass')
    expect(said).toContain('[größe & "x" $y]')
    // As %ERRORLEVEL% and $LASTEXITCODE show it.
    expect(said).toContain('exit code -1073741510')
    expect((await runPowerShell('#stub exit 0\n')).code).toBe(0)
    const refused = await runPowerShell('#stub policy\n')
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('running scripts is disabled on this system')
  },
)

/** Compiles powershell-stub.c and puts it where Windows PowerShell is. */
async function placePowerShellStub(): Promise<void> {
  const [source, output] = [join(machine.folder, 'powershell-stub.c'), join(machine.folder, 'powershell.exe')]
  await copyFile(new URL('powershell-stub.c', import.meta.url), source)
  await machine.runLinux('x86_64-w64-mingw32-gcc', '-municode', '-Os', '-s', '-o', output, source)
  await machine.runLinux('cp', output, '/wine/drive_c/windows/system32/WindowsPowerShell/v1.0/powershell.exe')
  const overrides = 'HKCU\\Software\\Wine\\DllOverrides'
  const set = await machine.run(
    'reg.exe',
    'add',
    overrides,
    '/v',
    'powershell.exe',
    '/t',
    'REG_SZ',
    '/d',
    'native',
    '/f',
  )
  expect(set.code, set.stderr).toBe(0)
}

test('the service starts with Windows, and ends the agent in an orderly way', slow, async () => {
  expect(await instance.setup('status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/service: +running/) })
  const stopped = await machine.run('sc.exe', 'stop', 'ChandlerAgent')
  expect(stopped.code, stopped.stdout + stopped.stderr).toBe(0)
  await vi.waitFor(async () => expect(await instance.agents()).toEqual([]), { timeout: 110_000 })
  expect(await instance.readLog()).toContain('stopped')
  await machine.reboot()
  await vi.waitFor(async () => expect(await instance.agents()).toHaveLength(1), { timeout: 110_000 })
  await instance.becomes('online')
})

test('a script during which the machine reboots is reported as such', slow, async () => {
  const running = runBatch(waitingScript('reboot'), '--timeout', '3m')
  await existing('reboot-begun')
  await machine.reboot()
  const ran = await running
  expect(ran.code).toBe(1)
  expect(ran.stdout + ran.stderr).toMatch(/reboot|interrupted/i)
})

test('removal leaves nothing but other files', slow, async () => {
  const removed = await instance.remove('--purge')
  expect(removed.code, removed.stdout + removed.stderr).toBe(0)
  expect(removed.stdout).toContain('removed the service ChandlerAgent')
  expect(await instance.agents()).toEqual([])
  expect(existsSync(join(machine.folder, 'state'))).toBe(false)
  expect(existsSync(join(machine.folder, 'Chandler Agent'))).toBe(false)
})
