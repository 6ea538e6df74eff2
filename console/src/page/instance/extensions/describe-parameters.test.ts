import { expect, test } from 'vitest'
import { describeParameters } from './describe-parameters.ts'

test('parameters are listed with their defaults, secrets without; required ones separately', () => {
  const declarations = {
    port: { type: 'Number', default: 80 },
    token: { type: 'String', default: 'x', noEcho: true },
    host: { type: 'String' },
    why: { type: 'String', actions: ['uninstall'] },
  } as const
  expect(describeParameters(declarations, 'install')).toEqual({ defaults: ['port=80', 'token'], missing: ['host'] })
  expect(describeParameters(declarations, 'update')).toEqual({ defaults: [], missing: [] })
  expect(describeParameters({}, 'uninstall')).toEqual({ defaults: [], missing: [] })
  expect(describeParameters(undefined, 'install')).toBeUndefined()
})
