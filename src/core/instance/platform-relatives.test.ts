import { expect, test } from 'vitest'
import { listPlatformRelatives, parseLikePlatform } from './platform-relatives.ts'

test.each<[string, string[] | undefined, string[]]>([
  ['debian', [], ['debian']],
  ['rocky', ['rhel', 'centos', 'fedora'], ['rocky', 'rhel', 'centos', 'fedora']],
  // Oracle Linux names Fedora only, and releases before 7.8 nothing.
  ['ol', ['fedora'], ['ol', 'fedora', 'rhel']],
  ['ol', [], ['ol', 'rhel', 'fedora']],
  ['openEuler', [], ['openeuler', 'fedora']],
  // An agent that does not report ID_LIKE.
  ['almalinux', undefined, ['almalinux', 'rhel', 'centos', 'fedora']],
  ['opensuse-tumbleweed', ['openSUSE', 'suse'], ['opensuse-tumbleweed', 'opensuse', 'suse']],
  ['constructor', undefined, ['constructor']],
  ['', undefined, []],
])('%s, like %j', (id, idLike, relatives) => {
  expect(listPlatformRelatives({ id, idLike })).toEqual(relatives)
})

test.each([
  ['like:rhel', 'rhel'],
  [' Like:SUSE ', 'suse'],
  ['like:', ''],
  ['rhel', undefined],
  ['likely', undefined],
])('%j', (id, like) => {
  expect(parseLikePlatform(id)).toBe(like)
})
