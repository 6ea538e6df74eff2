import { expect, test } from 'vitest'
import { encodeWindowsScript, startWindowsScript } from './windows-script.ts'

const bom = '\uFEFF'

test.each([
  // Batch files: no mark, CRLF, a complete last line.
  ['@echo off\necho hi', '.cmd', '@echo off\r\necho hi\r\n'],
  ['@echo off\r\necho hi\r\n', '.cmd', '@echo off\r\necho hi\r\n'],
  [`${bom}@echo off\r\n`, '.cmd', '@echo off\r\n'],
  ['#!cmd\nset X=1\n', '.cmd', '@rem cmd\r\nset X=1\r\n'],
  ['rem ünï 中\n', '.cmd', 'rem ünï 中\r\n'],
  // PowerShell: a mark, and line ends as they are.
  ['Write-Output hi\n', '.ps1', `${bom}Write-Output hi\n`],
  [`${bom}Write-Output hi\r\n`, '.ps1', `${bom}Write-Output hi\r\n`],
  ['#!pwsh\n"ü"', '.ps1', `${bom}#!pwsh\n"ü"`],
])('%j is written as %s %j', (text, ending, content) => {
  expect(encodeWindowsScript(text)).toEqual({ ending, content })
})

const find = (name: string) => (name === 'pwsh.exe' ? undefined : `C:\\PS\\${name}`)
const start = (text: string, path = 'C:\\ProgramData\\Chandler\\x y.cmd') =>
  startWindowsScript(text, path, 'C:\\Windows\\cmd.exe', find)

test('command lines of scripts', () => {
  expect(start('@echo off\n')).toEqual({
    program: 'cmd',
    commandLine: String.raw`C:\Windows\cmd.exe /d /e:on /v:off /s /c "chcp 65001 >nul & call "C:\ProgramData\Chandler\x y.cmd""`,
  })
  expect(start('Write-Output 1', 'C:\\a\\b.ps1')).toEqual({
    program: 'powershell',
    commandLine: String.raw`C:\Windows\cmd.exe /d /e:on /v:off /s /c "chcp 65001 >nul & "C:\PS\powershell.exe" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "C:\a\b.ps1""`,
  })
})

test.each([
  ['#!pwsh\n1', undefined, 'PowerShell 7 (pwsh.exe)'],
  ['#!/usr/bin/python3\n1', undefined, 'the interpreter python3: Windows runs scripts of cmd, powershell and pwsh'],
  ['@echo off', 'C:\\100%\\x.cmd', 'a state directory without the characters % ^ ! & in its path, C:\\100%\\x.cmd'],
])('%j in %j needs %s', (text, path, missing) => {
  expect(start(text, path)).toEqual({ missing })
})
