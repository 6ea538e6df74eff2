import { expect, test } from 'vitest'
import { maxScriptBytes } from '../../../../../../src/core/limits.ts'
import { readScriptFile } from './read-script-file.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['a batch file that its text shows', 'setup.cmd', '@echo off\r\n', 'windows', '@echo off\r\n'],
  ['a batch file that begins as PowerShell may', 'setup.BAT', 'dir\r\n', 'windows', '#!cmd\ndir\r\n'],
  ['PowerShell that begins as a batch file may', 'a.ps1', 'rem -x\n', 'windows', '#!powershell\nrem -x\n'],
  ['another ending: the text decides', 'setup.txt', 'dir\n', 'windows', 'dir\n'],
  ['a byte order mark', 'a.ps1', '\uFEFF$x = 1\n', 'windows', '$x = 1\n'],
  ['Linux has no endings', 'setup.cmd', 'dir\n', 'linux', 'dir\n'],
] as const)('%s', (_, name, text, os, expected) => {
  expect(readScriptFile(name, bytes(text), os)).toEqual({ text: expected })
})

test.each([
  ['UTF-16, as Windows editors may save', new Uint8Array([0xff, 0xfe, 0x64, 0x00]), 'notText'],
  ['a program', bytes('MZ\0\0'), 'notText'],
  ['a text of another code page', new Uint8Array([0x64, 0xe4, 0x0a]), 'notText'],
  ['more than a script may have', new Uint8Array(maxScriptBytes + 1).fill(0x20), 'tooLarge'],
] as const)('%s is refused', (_, content, problem) => {
  expect(readScriptFile('a.ps1', content, 'windows')).toEqual({ problem })
})
