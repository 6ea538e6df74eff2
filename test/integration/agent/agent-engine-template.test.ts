// Scripts with parameters in double braces, run by a real agent's engine with real shells.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, makeInstall, makeInvocation, TestEngine } from './agent-engine.ts'

const hostile = `it's "$(touch pwned)" \`touch pwned\` \\ *\n; touch pwned #\n`

test('an install script gets values by name, byte for byte, and never runs them', async () => {
  const engine = await TestEngine.start()
  const workDir = await makeFolder()
  const install = `#!/bin/bash
printf '%s\\0' {{ greeting }} "{{Greeting}}" "<{{ greeting }}>" {{ port }} "{{ tls }}" {{ none }} {{ACS::InstanceName}} {{ .Names }} {{other}}
cat <<EOF
\\$HOME {{ greeting }}
EOF
printf '\\0%s' "$CHANDLER_PARAM_first_port" {{ first-port }} "$CHANDLER_BUILTIN_RegionId" {{ acs::regionid }}
`
  const end = await engine.carryOut(
    makeInstall(
      {
        scripts: { install, output: 'printf %s {{ greeting }}' },
        parameters: { greeting: hostile, port: 8080, tls: false, 'first-port': '-n' },
        parameterTypes: { greeting: 'String', port: 'Number', tls: 'Boolean', none: 'String', 'first-port': 'String' },
        verify: [{ kind: 'script', script: '#!/bin/sh\n[ {{ port }} = 8080 ]', withinMs: 0 }],
        run: { workDir },
      },
      { builtins: { InstanceName: 'web 1', RegionId: 'here' } },
    ),
  )
  expect(end.outcome).toMatchObject({ state: 'succeeded', output: hostile })
  const printed = ['8080', 'false', '', 'web 1', '{{', '.Names', '}}', '{{other}}']
  expect(engine.output(end.invocationId).toString().split('\0')).toEqual([
    hostile,
    hostile,
    `<${hostile}>`,
    ...printed,
    `$HOME ${hostile}\n`,
    '-n',
    '-n',
    'here',
    // The output script has printed, too.
    `here${hostile}`,
  ])
  expect(existsSync(join(workDir, 'pwned'))).toBe(false)
})

test.each([
  [
    '#!/usr/bin/env python3\nprint("{{ x }}")',
    'Line 2: {{ x }} is refused in a script for python3; use the environment variable CHANDLER_PARAM_x',
  ],
  ['echo\nsed "s/x/{{ t }}/" file', 'Line 2: the value of {{ t }} is not of type Number'],
  ['echo $(( {{ n }} ))', 'Line 1: {{ n }} is refused in arithmetic; use $CHANDLER_PARAM_n'],
  ['echo {{ ACS::InstanceId }}', 'the server did not say what {{ ACS::InstanceId }} is'],
  ['echo "{{ x }}', 'this quote does not end: {{ x }} cannot be placed with certainty; use $CHANDLER_PARAM_x'],
])('%j is refused before any of it has run', async (line, reason) => {
  const engine = await TestEngine.start()
  const workDir = await makeFolder()
  const end = await engine.carryOut(
    makeInstall(
      {
        scripts: { install: line.startsWith('#!') ? line : `touch ${workDir}/began; ${line}` },
        parameters: { x: 'a', n: 1.5, t: 'a/e' },
        parameterTypes: { x: 'String', n: 'Number', t: 'Number' },
      },
      { builtins: {} },
    ),
  )
  expect(end.outcome).toMatchObject({ state: 'failed', reasonCode: 'Unsupported' })
  expect(end.outcome.reason.toLowerCase()).toContain(reason.toLowerCase())
  expect(existsSync(join(workDir, 'began'))).toBe(false)
})

test('an installed version is removed by its own scripts with its own values', async () => {
  const engine = await TestEngine.start()
  const installation = {
    scripts: { install: 'true', uninstall: 'printf %s "{{ x }}"' },
    parameters: { x: hostile },
    parameterTypes: { x: 'String' },
  } as const
  await engine.carryOut(makeInstall(installation, { builtins: {} }))
  const end = await engine.carryOut(makeInvocation({ action: 'uninstall', builtins: {} }))
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(engine.output(end.invocationId).toString()).toBe(hostile)
})

test('without built-ins, as for a command that disables them, braces are plain text', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(
    makeInstall({
      scripts: { install: `printf %s '{{ x }}'` },
      parameters: { x: 'a' },
      parameterTypes: { x: 'String' },
    }),
  )
  expect(engine.output(end.invocationId).toString()).toBe('{{ x }}')
})
