// Scripts that name their parameters between braces, by a real agent's engine, with real shells.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, makeInstall, makeInvocation, TestEngine } from './agent-engine.ts'

const hostile = `it's "$(touch pwned)" \`touch pwned\` \\ *\n; touch pwned #\n`

test('an install script gets values by name, byte for byte, and runs nothing of them', async () => {
  const engine = await TestEngine.start()
  const workDir = await makeFolder()
  const install = `#!/bin/bash
printf '%s\\0' {{ greeting }} "{{Greeting}}" '<{{ greeting }}>' $(( {{ port }} + 1 )) "{{ tls }}" {{ none }} {{ACS::InstanceName}} {{ .Names }} {{other}}
cat <<'EOF'
$HOME {{ greeting }}
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
  const printed = ['8081', 'false', '', 'web 1', '{{', '.Names', '}}', '{{other}}']
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
    'Line 2: {{ x }} cannot stand in a script for python3; use the environment variable CHANDLER_PARAM_x',
  ],
  ['echo\necho $(( {{ n }} ))', 'Line 2: {{ n }} has a value that is no whole number here'],
  ['echo $(( {{ m }} ))', 'Line 1: {{ m }} has no value here'],
  ['echo {{ ACS::InstanceId }}', 'the server did not say what {{ ACS::InstanceId }} is'],
  ['echo "{{ x }}', 'the double quote is not closed'],
])('%j is refused before anything of it has run', async (line, reason) => {
  const engine = await TestEngine.start()
  const workDir = await makeFolder()
  const end = await engine.carryOut(
    makeInstall(
      {
        scripts: { install: line.startsWith('#!') ? line : `touch ${workDir}/began; ${line}` },
        parameters: { x: 'a', n: 1.5 },
        parameterTypes: { x: 'String', n: 'Number', m: 'Number' },
      },
      { builtins: {} },
    ),
  )
  expect(end.outcome).toMatchObject({ state: 'failed', reasonCode: 'Unsupported' })
  expect(end.outcome.reason.toLowerCase()).toContain(reason.toLowerCase())
  expect(existsSync(join(workDir, 'began'))).toBe(false)
})

test('what was installed is removed by its own scripts with its own values', async () => {
  const engine = await TestEngine.start()
  const recipe = {
    scripts: { install: 'true', uninstall: 'printf %s "{{ x }}"' },
    parameters: { x: hostile },
    parameterTypes: { x: 'String' },
  } as const
  await engine.carryOut(makeInstall(recipe, { builtins: {} }))
  const end = await engine.carryOut(makeInvocation({ action: 'uninstall', builtins: {} }))
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(engine.output(end.invocationId).toString()).toBe(hostile)
})

test('without built-ins, as for a command that says so, braces are text like any other', async () => {
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
