import { expect, test } from 'vitest'
import { findLastError, parseService } from './systemd.ts'

test.each([
  ['MainPID=812\nActiveState=active\nUnitFileState=enabled\n', { isActive: true, isEnabled: true, mainPid: 812 }],
  // Between two starts of an agent that ends at once.
  ['MainPID=0\nActiveState=activating\nUnitFileState=enabled\n', { isActive: true, isEnabled: true, mainPid: 0 }],
  ['MainPID=0\nActiveState=failed\nUnitFileState=disabled\n', { isActive: false, isEnabled: false, mainPid: 0 }],
  // No such unit.
  ['MainPID=0\nActiveState=inactive\nUnitFileState=\n', { isActive: false, isEnabled: false, mainPid: 0 }],
])('%j', (shown, state) => {
  expect(parseService(shown)).toEqual(state)
})

test.each([
  ['chandler-agent: the state was made on another machine\n', 'the state was made on another machine'],
  [
    'file:///opt/x.ts:3\n  throw new\n  ^\n\nError: broken\n    at file:///opt/x.ts:3:9\n\nNode.js v24.21.0\n',
    'Error: broken',
  ],
  ['TypeError: first\nTypeError [ERR_X]: second\n', 'TypeError [ERR_X]: second'],
  ['{"level":"info","message":"connected, no Error here"}\n', undefined],
  ['', undefined],
])('the last error of the log %j is %s', (log, error) => {
  expect(findLastError(log)).toBe(error)
})
