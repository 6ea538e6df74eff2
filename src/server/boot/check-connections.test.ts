import { expect, test } from 'vitest'
import { findConnectionProblem } from './check-connections.ts'

test.each([
  { accepted: 57, pool: 16, otherServers: 0, isFatal: undefined },
  { accepted: 57, pool: 16, otherServers: 2, isFatal: undefined },
  { accepted: 56, pool: 16, otherServers: 2, isFatal: false },
  { accepted: 57, pool: 16, otherServers: 3, isFatal: false },
  { accepted: 18, pool: 16, otherServers: 0, isFatal: false },
  { accepted: 17, pool: 16, otherServers: 0, isFatal: true },
])('$accepted connections, $otherServers other servers with a pool of $pool: $isFatal', ({ isFatal, ...needs }) => {
  expect(findConnectionProblem(needs)?.isFatal).toBe(isFatal)
})

test('the texts have the numbers and the remedies', () => {
  expect(findConnectionProblem({ accepted: 57, pool: 16, otherServers: 3 })?.text).toBe(
    '4 servers with up to 18 connections each need 72, and 3 are for administrators, but PostgreSQL accepts 57. Raise max_connections of PostgreSQL, or lower databaseConnections (CHANDLER_DATABASE_CONNECTIONS) of every server.',
  )
  expect(findConnectionProblem({ accepted: 10, pool: 16, otherServers: 0 })?.text).toContain(
    'This server opens up to 18 connections, but PostgreSQL accepts 10.',
  )
})
