import { expect, test } from 'vitest'
import { findChannelNameFault, parseVersionReference } from './channel.ts'

test.each([
  ['v3', { kind: 'number', version: 3 }],
  ['12', { kind: 'number', version: 12 }],
  ['latest', { kind: 'latest' }],
  ['stable', { kind: 'channel', channel: 'stable' }],
  ['eu-beta-2', { kind: 'channel', channel: 'eu-beta-2' }],
  ['v0', undefined],
  ['v99999999999', undefined],
  ['v2-beta', { kind: 'channel', channel: 'v2-beta' }],
  ['', undefined],
  ['Stable', undefined],
  ['0', undefined],
  ['-a', undefined],
  ['a b', undefined],
  ['a'.repeat(33), undefined],
])('the reference %j', (text, reference) => {
  expect(parseVersionReference(text)).toEqual(reference)
})

test.each([
  ['stable', undefined],
  ['latest', 'refers to a version'],
  ['v2', 'refers to a version'],
  ['v0', 'must be'],
  ['Beta', 'must be'],
])('the channel %j', (name, fault) => {
  expect(findChannelNameFault(name) ?? '').toContain(fault ?? '')
  expect(findChannelNameFault(name) === undefined).toBe(fault === undefined)
})
