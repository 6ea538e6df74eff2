import { describe, expect, test } from 'vitest'
import { checkChainEnd, checkChainEntry } from './audit-chain.ts'

const previous = { seq: 4, hash: 'h4' }
const entry = { seq: 5, id: 50, hash: 'h5', computed: 'h5' }

describe('an entry', () => {
  test.each([
    ['that follows', entry, undefined],
    ['that was changed', { ...entry, computed: 'other' }, { kind: 'changed', seq: 5, id: 50 }],
    ['after a missing one', { ...entry, seq: 7 }, { kind: 'removed', seq: 5 }],
    ['that was inserted', { ...entry, seq: 4 }, { kind: 'inserted', seq: 4, id: 50 }],
  ])('%s', (_, given, fault) => {
    expect(checkChainEntry(previous, given)).toEqual(fault)
  })
})

describe('the end', () => {
  test.each([
    ['is the recorded one', { seq: 4, hash: 'h4' }, undefined],
    ['lacks entries', { seq: 6, hash: 'h6' }, { kind: 'removed', seq: 5 }],
    ['has another hash', { seq: 4, hash: 'other' }, { kind: 'changed', seq: 4 }],
  ])('%s', (_, end, fault) => {
    expect(checkChainEnd(previous, end)).toEqual(fault)
  })
})
