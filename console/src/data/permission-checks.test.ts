import { expect, test } from 'vitest'
import {
  createPermissionChecks,
  findMissingPermission,
  maxChecksPerRequest,
  type RequiredPermission,
} from './permission-checks.ts'

const on = (resource: string): RequiredPermission => ({ action: 'ecs:DeleteInstance', resource })

function makeChecks(isAllowed: (permission: RequiredPermission) => boolean = () => true) {
  const requests: (readonly RequiredPermission[])[] = []
  const checks = createPermissionChecks(async (permissions) => {
    requests.push(permissions)
    return permissions.map((permission) => ({ allowed: isAllowed(permission) }))
  })
  return { checks, requests }
}

test('checks of the same moment share one request, without repetitions', async () => {
  const { checks, requests } = makeChecks(({ resource }) => resource === 'instance/a')
  const answers = await Promise.all(['a', 'b', 'a'].map((id) => checks.check(on(`instance/${id}`))))
  expect(answers).toEqual([true, false, true])
  expect(requests).toEqual([[on('instance/a'), on('instance/b')]])
})

test('a later check asks again: policies change', async () => {
  let allowed = true
  const { checks, requests } = makeChecks(() => allowed)
  expect(await checks.check(on('instance/a'))).toBe(true)
  allowed = false
  expect(await checks.check(on('instance/a'))).toBe(false)
  expect(requests).toHaveLength(2)
})

test('more checks than a request may hold are several requests', async () => {
  const { checks, requests } = makeChecks(({ resource }) => resource !== 'instance/150')
  const answers = await Promise.all(Array.from({ length: 201 }, (_, id) => checks.check(on(`instance/${id}`))))
  expect(answers.map((answer, id) => [answer, id]).filter(([answer]) => answer === false)).toEqual([[false, 150]])
  expect(requests.map(({ length }) => length)).toEqual([maxChecksPerRequest, maxChecksPerRequest, 1])
})

test('every check of a failed request fails, and the next one asks again', async () => {
  let fails = true
  const checks = createPermissionChecks(async (permissions) => {
    if (fails) throw new Error('away')
    return permissions.map(() => ({ allowed: true }))
  })
  const answers = await Promise.allSettled([checks.check(on('instance/a')), checks.check(on('instance/b'))])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await checks.check(on('instance/a'))).toBe(true)
})

test('an action with several permissions names the first one that is missing', async () => {
  const { checks, requests } = makeChecks(({ resource }) => resource === 'instance/a')
  expect(await findMissingPermission(checks, [on('instance/a'), on('instance/b'), on('instance/c')])).toEqual(
    on('instance/b'),
  )
  expect(await findMissingPermission(checks, [on('instance/a')])).toBeUndefined()
  expect(await findMissingPermission(checks, [])).toBeUndefined()
  expect(requests).toHaveLength(2)
})
