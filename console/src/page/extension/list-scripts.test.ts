import { expect, test } from 'vitest'
import { listScripts } from './list-scripts.ts'

test('scripts of actions in order, then those of checks by number', () => {
  const listed = listScripts({
    scripts: { uninstall: 'two', install: 'one' },
    verify: [
      { kind: 'port', withinMs: 1, port: 80 },
      { kind: 'script', withinMs: 1, script: 'three' },
    ],
  })
  expect(listed.map(({ id, text }) => `${id} ${text}`)).toEqual(['install one', 'uninstall two', 'check-2 three'])
})
