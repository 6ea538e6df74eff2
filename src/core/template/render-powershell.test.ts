// Tables by the rules of the language (about_Quoting_Rules, about_Parsing,
// about_Special_Characters). These texts were not run by PowerShell.
import { expect, test } from 'vitest'
import type { ParameterType } from '../extension/extension.ts'
import { renderScript } from './render-script.ts'

const types: Readonly<Record<string, ParameterType>> = { x: 'String', n: 'Number', b: 'Boolean' }
const render = (text: string) => renderScript(text, 'windows', types)
/** The reference in an expandable string. */
const x = '${env:CHANDLER_PARAM_x}'

test.each([
  ['a whole word', '& tool --port {{ x }} -v', `& tool --port "${x}" -v`],
  ['a list', 'f({{ x }}, {{x}})', `f("${x}", "${x}")`],
  ['double quotes', '"a{{ x }}b"', `"a${x}b"`],
  ['double quotes with a doubled one', '"a""{{ x }}"', `"a""${x}"`],
  ['double quotes with an escaped one', '"a`"{{ x }}"', `"a\`"${x}"`],
  ['a subexpression in quotes', '"a$(f {{ x }} "{{ x }}")"', `"a$(f "${x}" "${x}")"`],
  ['a here-string', '@"\n"{{ x }}"\n"@\n', `@"\n"${x}"\n"@\n`],
  ['a here-string with carriage returns', '@"\r\n{{ x }}\r\n"@\r\n', `@"\r\n${x}\r\n"@\r\n`],
  ['a number where texts are code', 'cmd /c "exit {{ n }}"', 'cmd /c "exit ${env:CHANDLER_PARAM_n}"'],
  ['a comment is left alone', '# {{ x }} "\nf {{ x }}', `# {{ x }} "\nf "${x}"`],
  ['a block of comments', '<# {{ x }} " #> f {{ x }}', `<# {{ x }} " #> f "${x}"`],
  ['a string without one stays', "'$a' {{ x }}", `'$a' "${x}"`],
  ['a number where it is made one', '[int]"{{ n }}" + 1', '[int]"${env:CHANDLER_PARAM_n}" + 1'],
  ['braces of others', '"{{ y }}" {{ x }}', `"{{ y }}" "${x}"`],
  ['a built-in', '"{{ acs::instanceid }}"', '"${env:CHANDLER_BUILTIN_InstanceId}"'],
])('%s', (_, text, wanted) => {
  expect(render(text)).toMatchObject({ text: wanted })
})

test.each([
  ['a backtick before it', 'f\n"`{{ x }}"', 2, 'a backtick'],
  ['a dollar sign before it', 'f\n\n${{ x }}', 3, 'a dollar sign'],
  ['an @ before it', '@{{ x }}', 1, 'an @'],
  ['calculated', 'f\n1 + {{ n }}', 2, '[int]'],
  ['compared', '{{ n }} -gt 3', 1, '[int]'],
  ['a truth', 'if ({{ b }}) { f }', 1, '"false" counts as true'],
  ['the beginning of a word', 'f {{ x }}.txt', 1, 'double quotes'],
  ['after --%', 'f --% {{ x }}', 1, 'nothing is expanded'],
  ['an open quote', "f\n'a {{ x }}", 2, 'not closed'],
  ['an open here-string', "@'\n{{ x }}\n", 1, 'not closed'],
  ['single quotes', "f 'a{{ x }}b'", 1, 'in single quotes; use $env:CHANDLER_PARAM_x'],
  ['typographic quotes', '\u2018a{{ x }}\u2019', 1, 'in single quotes'],
  ['a here-string of single quotes', "@'\n{{ x }}\n'@\n", 2, 'in a here-string of single quotes'],
  ['a text that is run', 'f\niex "f {{ x }}"', 2, 'in a line with iex, which takes code'],
  ['a command line', 'cmd.exe /c "echo {{ x }}"', 1, 'in a line with cmd, which takes code'],
  ['a batch file', '@echo off\necho {{ x }}', 2, 'CHANDLER_PARAM_x'],
])('%s is refused with its line', (_, text, line, message) => {
  expect(render(text)).toMatchObject({ problem: { line, message: expect.stringContaining(message) } })
})
