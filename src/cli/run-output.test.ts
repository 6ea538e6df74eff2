import { expect, test } from 'vitest'
import { groupOutputs, type RunOutput } from './run-output.ts'

const output = (name: string, stdout: string, stderr = ''): RunOutput => ({
  instanceId: `i-${name}`,
  instanceName: name,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
})

test('identical outputs form one group, the largest first; another stream is another output', () => {
  const groups = groupOutputs([output('a', 'x'), output('b', 'y'), output('c', 'y'), output('d', '', 'y')])
  expect(groups.map((group) => group.map(({ instanceName }) => instanceName))).toEqual([['b', 'c'], ['a'], ['d']])
})
