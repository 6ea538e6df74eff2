// What can be known of install.ps1 without running it: there is no PowerShell on the machines of the tests.
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { createPowerShellParser, findSyntaxErrors, listNodes, type SyntaxNode } from '../../../test/parse-powershell.ts'

const script = readFileSync(new URL('install.ps1', import.meta.url), 'utf8')
let parse: (text: string) => SyntaxNode
beforeAll(async () => {
  parse = await createPowerShellParser()
})

/** The commands below a node. */
const commandsIn = (root: SyntaxNode) => listNodes(root).filter(({ type }) => type === 'command')
const nameOf = (command: SyntaxNode) =>
  command.children.find(({ type }) => type === 'command_name' || type === 'command_name_expr')?.text ?? ''
/** Programs of Windows and of the agent: `& curl.exe …`. */
const isProgram = ({ children }: SyntaxNode) => children[0]?.type === 'command_invokation_operator'
const functionsIn = (root: SyntaxNode) =>
  new Map(
    listNodes(root)
      .filter(({ type }) => type === 'function_statement')
      .map((node) => [node.children.find(({ type }) => type === 'function_name')?.text ?? '', node]),
  )
const variablesIn = (root: SyntaxNode) =>
  listNodes(root).flatMap(({ type, text }) => (type === 'variable' ? text.toLowerCase() : []))

/** The text of the statement after the one that contains the node. */
function findNextStatement(node: SyntaxNode): string {
  for (let at: SyntaxNode | null = node; at; at = at.parent)
    if (at.parent?.type === 'statement_list' && at.nextNamedSibling) return at.nextNamedSibling.text
  return ''
}

/** What is wrong with a script: one line each. The rules are tested with scripts that break them. */
function findFaults(text: string): string[] {
  const root = parse(text)
  const syntax = findSyntaxErrors(root).map((line) => `line ${line} is not PowerShell`)
  if (syntax.length > 0) return syntax
  const faults: string[] = []
  for (const { text: operator, startPosition } of listNodes(root).filter(({ children }) => children.length === 0))
    if (['&&', '||', '??', '??=', '?.'].includes(operator))
      faults.push(`line ${startPosition.row + 1}: Windows PowerShell 5.1 has no ${operator}`)
  for (const command of commandsIn(root)) {
    const name = nameOf(command)
    const at = `line ${command.startPosition.row + 1}: ${name}`
    if (/^(?:iex|invoke-expression|start-process|invoke-command)$/i.test(name)) faults.push(`${at} runs a text`)
    if (/^(?:get-content|remove-item|move-item|copy-item|get-filehash|test-path)$/i.test(name))
      if (!/-LiteralPath\b/.test(command.text)) faults.push(`${at} takes [ and * in a path for a pattern`)
    if (!isProgram(command)) continue
    if (!findNextStatement(command).includes('$LASTEXITCODE')) faults.push(`${at}: its exit code is ignored`)
    const arguments_ = command.children.find(({ type }) => type === 'command_elements')
    if (arguments_ && variablesIn(arguments_).some((variable) => /token/.test(variable)))
      faults.push(`${at}: others can see a token among its arguments`)
    const chain = command.parent?.text ?? ''
    const isCaptured =
      /\|\s*Out-(?:Null|Host)\s*$/.test(chain) || command.parent?.parent?.parent?.type === 'assignment_expression'
    if (!isCaptured) faults.push(`${at}: what it prints becomes a part of the result of the function`)
  }
  return faults
}

test('the script is PowerShell 5.1 and breaks none of the rules', () => {
  expect(findFaults(script)).toEqual([])
})

test.each([
  ['function f { if ($x { 1 } }', 'line 1 is not PowerShell'],
  // PowerShell 7 only.
  ['$x = $a ?? 1', 'line 1 is not PowerShell'],
  ['f && g', 'Windows PowerShell 5.1 has no &&'],
  ['Get-Content $path', 'Get-Content takes [ and * in a path for a pattern'],
  ['iex $text', 'iex runs a text'],
  ['& tar.exe -xf $x | Out-Null\n$y = 1', 'tar.exe: its exit code is ignored'],
  ['& tar.exe -xf $x\nif ($LASTEXITCODE -ne 0) { throw "x" }', 'what it prints becomes a part of the result'],
  ['& curl.exe -H "X: $Token" | Out-Null\nif ($LASTEXITCODE) { 1 }', 'others can see a token'],
])('the rules find %j', (text, fault) => {
  expect(findFaults(text).join('\n')).toContain(fault)
})

/** Where each text begins, all of them in this order. */
function expectOrder(body: string, texts: readonly string[]): void {
  const places = texts.map((text) => body.indexOf(text))
  expect(Object.fromEntries(texts.map((text, index) => [text, (places[index] ?? -1) >= 0]))).toEqual(
    Object.fromEntries(texts.map((text) => [text, true])),
  )
  expect(places).toEqual(places.toSorted((a, b) => a - b))
}
const bodyOf = (name: string) => functionsIn(parse(script)).get(name)?.text ?? ''

test('nothing of a download is unpacked or run before its digest was compared', () => {
  const body = bodyOf('Install-Program')
  expectOrder(body, [
    '& curl.exe @arguments',
    "-notmatch '^[0-9a-f]{64}$'",
    'Get-FileHash -Algorithm SHA256 -LiteralPath $bundle',
    'if ($actual -ne $expected) { Stop-WithMessage',
    '& tar.exe',
    'node.exe" "$Work\\new\\bin\\chandler-agent.mjs" --version',
    'Move-Item',
  ])
  const before = body.slice(0, body.indexOf('if ($actual -ne $expected)'))
  expect(commandsIn(parse(before)).filter(isProgram).map(nameOf)).toEqual(['curl.exe'])
})

test('the CA is used only after its digest was compared; only its download is unverified', () => {
  expectOrder(bodyOf('Get-CaFile'), [
    "-notmatch '^[0-9a-f]{64}$'",
    '& curl.exe -fsSk',
    'Get-FileHash -Algorithm SHA256 -LiteralPath $der',
    'if ($actual -ne $expected)',
    'Stop-WithMessage "the CA of $Address',
    '-----BEGIN CERTIFICATE-----',
    'return "$Work\\ca.pem"',
  ])
  const unverified = script.split('\n').filter((line) => /curl\.exe .*-\w*k\b| '?--insecure\b(?!-http)|'-k'/.test(line))
  expect(unverified).toEqual([expect.stringContaining('"$Address/ca.der"')])
  expect(bodyOf('Install-Program')).toContain("$arguments += @('--cacert', $cacert, '--ssl-no-revoke')")
})

test('the token is in a file for administrators only, which exists only during the download', () => {
  expectOrder(bodyOf('Install-Agent'), [
    '& icacls.exe $work /inheritance:r',
    'if ($LASTEXITCODE -ne 0)',
    'Install-Program $address $joinToken $work',
    'finally',
    'Remove-Item -Recurse -Force -LiteralPath $work',
  ])
  expectOrder(bodyOf('Install-Program'), [
    '$secret = "$Work\\secret.txt"',
    '& curl.exe @arguments',
    'Remove-Item -LiteralPath $secret',
  ])
})

test('arguments that Windows PowerShell would split are refused, and a trailing backslash is removed from folders', () => {
  for (const option of ['Prefix', 'State', 'Name', 'Ca', 'Trust'])
    expect(script).toContain(`Assert-Argument '-${option}' $${option}`)
  expect(script).toContain("foreach ($one in $Tag) { Assert-Argument '-Tag' $one }")
  expectOrder(script, [
    "$Prefix = $Prefix.TrimEnd('\\')",
    "Assert-Argument '-Prefix' $Prefix",
    '$code = if ($Uninstall)',
  ])
})

test('a 32-bit PowerShell, whose Program Files is another folder, is refused', () => {
  expectOrder(bodyOf('Install-Program'), [
    'if ($env:PROCESSOR_ARCHITEW6432) { Stop-WithMessage',
    '$env:PROCESSOR_ARCHITECTURE',
    'curl.exe',
  ])
})

test('a failure of setup is an error, so that the exit code of powershell.exe is not 0', () => {
  const [last] = parse(script)
    .children.flatMap(({ children }) => children)
    .slice(-1)
  expect(last?.text).toBe('if ($code -ne 0) { Stop-WithMessage "setup ended with exit code $code (see above)" }')
  expect(bodyOf('Stop-WithMessage')).toContain('throw ')
  expect(bodyOf('Invoke-Setup')).toMatch(/return \$LASTEXITCODE\s*\}$/)
  expect(script).toContain("$ErrorActionPreference = 'Stop'")
})

test('every command is one of this script, or of PowerShell itself', () => {
  const root = parse(script)
  const own = [...functionsIn(root).keys()]
  const used = new Set(
    commandsIn(root)
      .filter((command) => !isProgram(command))
      .map(nameOf),
  )
  expect([...used].filter((name) => !own.includes(name)).sort()).toEqual([
    'ConvertFrom-Json',
    'Copy-Item',
    'Get-Command',
    'Get-Content',
    'Get-FileHash',
    'Join-Path',
    'Move-Item',
    'New-Item',
    'Out-Host',
    'Out-Null',
    'Remove-Item',
    'Select-Object',
    'Start-Sleep',
    'Test-Path',
    'Where-Object',
    'Write-Host',
  ])
})
