import { expect, test } from 'vitest'
import { findLinuxInterpreter } from './linux-interpreter.ts'

const find = (script: string, path = '/usr/bin:/bin') => findLinuxInterpreter(script, '/s', path)

test.each([
  ['echo hello', ['/bin/sh', '/s']],
  ['# a comment\n#!/bin/bash', ['/bin/sh', '/s']],
  ['#!/bin/sh\necho', ['/bin/sh', '/s']],
  ['#! /bin/sh  -e -u \necho', ['/bin/sh', '-e -u', '/s']],
  ['#!/bin/sh', ['/bin/sh', '/s']],
  ['#!/usr/bin/env sh\n', ['/usr/bin/env', 'sh', '/s']],
  ['#!/usr/bin/env -S sh -e\n', ['/usr/bin/env', '-S sh -e', '/s']],
  ['#!/usr/bin/env -S A=1 sh\n', ['/usr/bin/env', '-S A=1 sh', '/s']],
])('%j runs as the kernel would run it', (script, argv) => {
  expect(find(script)).toEqual({ argv })
})

test.each([
  ['#!/no/such\n', 'the interpreter /no/such'],
  ['#!/etc\n', 'the interpreter /etc'],
  ['#!\n', 'nothing follows'],
  ['#!/bin/sh\r\n', '"/bin/sh", because the script has Windows line ends'],
  ['#!/usr/bin/env sh\r\n', '"sh", because the script has Windows line ends'],
  ['#!/usr/bin/env no-such\n', 'the interpreter no-such, which is not in the search path'],
])('%j lacks %s', (script, missing) => {
  expect(find(script)).toEqual({ missing: expect.stringContaining(missing) })
})

test('env searches the path of the script', () => {
  expect(find('#!/usr/bin/env sh\n', '/nowhere')).toHaveProperty('missing')
})
