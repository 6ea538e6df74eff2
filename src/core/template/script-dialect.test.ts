import { expect, test } from 'vitest'
import { findScriptDialect, findWindowsInterpreter, nameWindowsInterpreter } from './script-dialect.ts'

test.each([
  ['@echo off\r\n', 'cmd'],
  ['\uFEFF@echo off', 'cmd'],
  ['\r\n  rem installs it', 'cmd'],
  [':: installs it', 'cmd'],
  ['setlocal enabledelayedexpansion', 'cmd'],
  ['@set X=1', 'cmd'],
  ['set /p X=', 'cmd'],
  ['#!cmd\nset X=1', 'cmd'],
  ['#!C:\\Windows\\System32\\cmd.exe\nset X=1', 'cmd'],
  ['Write-Output 1', 'powershell'],
  ['@{ a = 1 }', 'powershell'],
  ['@(1, 2) | Out-Host', 'powershell'],
  ['@"\na\n"@', 'powershell'],
  ['echo $env:PATH', 'powershell'],
  ['Remove-Item x', 'powershell'],
  ['#!powershell\n@echo off', 'powershell'],
  ['#!/usr/bin/env pwsh\n1', 'pwsh'],
  ['<# a #>\n#requires -PSEdition Core\n1', 'pwsh'],
  ['#Requires -Version 7.2\n1', 'pwsh'],
  ['#Requires -Version 5.1\n1', 'powershell'],
  ['', 'powershell'],
])('on Windows %j is run by %s', (text, interpreter) => {
  expect(findWindowsInterpreter(text)).toBe(interpreter)
})

test('another interpreter is named', () => {
  expect(findWindowsInterpreter('#!/usr/bin/python3\n')).toEqual({ other: 'python3' })
})

test.each([
  ['@echo off', 'cmd', '@echo off', 0],
  ['dir', 'cmd', '#!cmd\ndir', 1],
  ['\uFEFFdir', 'cmd', '#!cmd\ndir', 1],
  ['1', 'powershell', '1', 0],
  ['#!pwsh\n1', 'powershell', '#!pwsh\n1', 0],
  ['rem-thing', 'powershell', '#!powershell\nrem-thing', 1],
] as const)('%j as %s is %j', (text, language, named, addedLines) => {
  expect(nameWindowsInterpreter(text, language)).toEqual({ text: named, addedLines })
})

test.each([
  ['@echo {{ x }}', { interpreter: 'a batch file' }],
  ['#!cmd\necho {{ x }}', { interpreter: 'a batch file' }],
  ['#!pwsh\n1', { dialect: 'powershell' }],
  ['1', { dialect: 'powershell' }],
])('placeholders in %j', (text, dialect) => {
  expect(findScriptDialect(text, 'windows')).toEqual(dialect)
})
