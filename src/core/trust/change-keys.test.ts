import { expect, test } from 'vitest'
import { addKey, listRoles, revokeKey, rotateKey, type WrittenTrustFile } from './change-keys.ts'

const file: WrittenTrustFile = {
  format: 'chandler-trust-1',
  version: 3,
  expires: '2030-01-01T00:00:00Z',
  keys: { r1: 'one', r2: 'two', a: 'three', b: 'four' },
  root: { keys: ['r1', 'r2'], threshold: 2 },
  publishers: [{ extensions: ['demo', 'web-*'], keys: ['a'], threshold: 1 }],
  release: { keys: ['r1'], threshold: 1 },
  approvers: { keys: ['a', 'b'], threshold: 2, operations: ['command'] },
}

test('a key is added with its roles, in the next version', () => {
  const added = addKey(file, { name: 'c', line: 'five' }, ['publisher', 'approver', 'root'], ['web-*', 'demo'])
  expect(added).toMatchObject({ version: 4, keys: { c: 'five' }, root: { keys: ['r1', 'r2', 'c'], threshold: 2 } })
  expect(added.publishers).toEqual([{ ...file.publishers[0], keys: ['a', 'c'] }])
  expect(listRoles(added, 'c')).toEqual(['root', 'publisher of demo, web-*', 'approver of command'])
  const other = addKey(file, { name: 'c', line: 'five' }, ['publisher'], ['db'])
  expect(other.publishers[1]).toEqual({ extensions: ['db'], keys: ['c'], threshold: 1 })
})

test('the first approver makes the rule, and the first release key the role', () => {
  const { release: _, approvers: __, ...bare } = file
  const added = addKey(bare, { name: 'c', line: 'five' }, ['release', 'approver'], [])
  expect(added).toMatchObject({ release: { keys: ['c'], threshold: 1 }, approvers: { keys: ['c'], threshold: 1 } })
  expect(listRoles(added, 'c')).toEqual(['release', 'approver'])
})

test('a rotated key keeps its name and roles', () => {
  expect(rotateKey(file, 'a', 'new')).toEqual({ ...file, version: 4, keys: { ...file.keys, a: 'new' } })
})

test('a revoked key leaves all its roles', () => {
  const wide = addKey(file, { name: 'c', line: 'five' }, ['approver', 'root'], [])
  const revoked = revokeKey(wide, 'a')
  expect(revoked).toMatchObject({
    version: 5,
    publishers: [],
    approvers: { keys: ['b', 'c'], operations: ['command'] },
  })
  expect(revoked.keys).not.toHaveProperty('a')
  expect(revokeKey(wide, 'r1')).not.toHaveProperty('release')
  expect(listRoles(revoked, 'a')).toEqual([])
})

test.each<[string, () => unknown, RegExp]>([
  ['a root key that the threshold needs', () => revokeKey(file, 'r2'), /root would need 2 signatures and have 1 keys/],
  ['an approver that the threshold needs', () => revokeKey(file, 'b'), /approvers would need 2 signatures/],
  ['an unknown key', () => revokeKey(file, 'x'), /has no key x; its keys are r1, r2, a, b/],
  ['an unknown key by another', () => rotateKey(file, 'toString', 'new'), /has no key toString/],
  ['a name that is taken', () => addKey(file, { name: 'a', line: 'x' }, ['root'], []), /already; replace it/],
  ['no role', () => addKey(file, { name: 'c', line: 'x' }, [], []), /needs a role/],
  [
    'a publisher of nothing',
    () => addKey(file, { name: 'c', line: 'x' }, ['publisher'], []),
    /names of the extensions/,
  ],
])('%s is refused', (_, change, reason) => {
  expect(change).toThrow(reason)
})
