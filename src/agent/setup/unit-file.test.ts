import { expect, test } from 'vitest'
import { renderUnit, startsProgramBelow } from './unit-file.ts'

const unit = renderUnit({ prefix: '/opt/chandler-agent', state: '/var/lib/chandler-agent' }, 'https://c.example:7443')

test('the unit starts the current version, keeps scripts alive and sets no limit', () => {
  expect(unit.split('\n')).toEqual(
    expect.arrayContaining([
      'ExecStart=/opt/chandler-agent/current/bin/chandler-agent --server https://c.example:7443 --state /var/lib/chandler-agent',
      'Restart=always',
      'RestartPreventExitStatus=77 78',
      'StartLimitIntervalSec=0',
      'KillMode=process',
      'TasksMax=infinity',
      'WantedBy=multi-user.target',
    ]),
  )
  expect(unit.endsWith('\n')).toBe(true)
})

test('a unit belongs to the prefix of the program that it starts', () => {
  expect(startsProgramBelow(unit, '/opt/chandler-agent')).toBe(true)
  expect(startsProgramBelow(unit, '/opt/chandler')).toBe(false)
  expect(startsProgramBelow(`# ExecStart=/opt/x/\n${unit}`, '/opt/x')).toBe(false)
})
