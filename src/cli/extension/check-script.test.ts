import { describe, expect, test } from 'vitest'
import { checkScript } from './check-script.ts'

const check = (text: string | Uint8Array, os: 'linux' | 'windows' = 'linux') => {
  const bytes = Buffer.from(text)
  return checkScript('a.sh', bytes, bytes.length, os).map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
  )
}

describe('a script', () => {
  test.each([
    '#!/bin/sh\necho hi\n',
    '#! /usr/bin/env python3\nprint("ü")\n',
    '#!/bin/bash\n# $nohup\necho "$nohup"\n',
  ])('%j is valid', (text) => {
    expect(check(text)).toEqual([])
  })

  test.each([
    ['echo hi\n', '1:1 warning the script names no interpreter'],
    ['#!bash\n', '1:1 error the interpreter has no absolute path'],
    ['\uFEFF#!/bin/sh\n', '1:1 error the script begins with a byte order mark'],
    ['#!/bin/sh\necho\r\nx\r\n', '2:5 error lines end as on Windows'],
    ['#!/bin/sh\n\0', '2:1 error the script holds a zero byte'],
    [Buffer.from('#!/bin/sh\necho ü \xe9\n', 'latin1'), '2:6 error the script is not valid UTF-8'],
    [' \n', '1:1 error the script is empty'],
    ['#!/bin/sh\n  $nohup java &\n', '2:3 warning $nohup is a variable'],
    [`#!/bin/sh\n${'x'.repeat(262_144)}`, '1:1 error the script has 262154 bytes; the limit is 262144'],
  ])('reports the problem of %j with its place', (text, expected) => {
    expect(check(text)).toEqual([expect.stringContaining(expected)])
  })

  test('a script for Windows needs no interpreter and may have CRLF', () => {
    expect(check('Write-Output hi\r\n', 'windows')).toEqual([])
  })
})
