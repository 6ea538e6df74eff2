import { expect, test } from 'vitest'
import { parseService } from './systemd.ts'

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
