import { expect, test } from 'vitest'
import { checkTemplate } from './check-template.ts'

test.each([
  ['#!/bin/sh\necho {{ name }} "{{ACS::RegionId}}" # {{ name }}\n', []],
  ['#!/bin/sh\ndocker ps --format "{{.Names}}"\n', []],
  ['#!/usr/bin/env python3\nprint("{{ other }}")\n', ['2:8 warning {{ other }} is neither a declared parameter nor']],
  ['#!/usr/bin/env python3\nprint("{{ name }}")\n', ['2:8 error {{ name }} is refused in a script for python3']],
  [
    '#!/bin/sh\n  sh -c "echo {{ name }}"\n',
    ['2:15 error {{ name }} is refused behind sh, where it could be code; use $CHANDLER_PARAM_name'],
  ],
  [
    '#!/bin/sh\neval x={{ name }} {{ nmae }}',
    ['2:8 error {{ name }} is refused in eval', '2:19 warning {{ nmae }} is neither'],
  ],
  ['#!/bin/sh\nx=$(( 1 + {{ name }} ))', ['2:11 error {{ name }} is refused in arithmetic']],
])('%j', (text, expected) => {
  const problems = checkTemplate('a.sh', text, 'linux', { name: 'String' })
  expect(problems.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`)).toEqual(
    expected.map((said) => expect.stringContaining(said)),
  )
})
