/** The chain of the audit log, and its export, with a real database and real receivers. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import {
  chainAuditLog,
  removeOldAuditEntries,
  verifyAuditLog,
} from '../../../src/server/app/access/audit/audit-chain.ts'
import { exportAuditLog, listExports } from '../../../src/server/app/access/audit/export-audit.ts'
import { writeAudit } from '../../../src/server/app/access/write-audit.ts'
import { openAuditReceiver } from '../../../src/server/boot/audit/audit-receivers.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
const never = new AbortController().signal
const actor = { accountId: 'default' as never, name: 'anna', source: '192.0.2.1', policies: 'everything' } as const

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
})
afterAll(async () => {
  await api.close()
  await db.stop()
})
beforeEach(async () => {
  await db.pool.query('delete from audit_log; delete from audit_chains; delete from audit_exports')
})

const write = async (count: number) => {
  for (let n = 1; n <= count; n++)
    await writeAudit(db.database, actor, 'CreateExtension', `extension/e${n}`, { n, b: 'ä"' })
}
const verify = () => verifyAuditLog(db, actor)
const query = (text: string) => db.pool.query(text)

describe('verification', () => {
  test('accepts an untouched log, also through the API', async () => {
    await write(5)
    expect(await verify()).toMatchObject({ entries: 5, first: { seq: 0 }, last: { seq: 5 } })
    const { status, body } = await api.call('GET', '/api/v1/audit-log/verification')
    expect([status, body.entries, body.fault]).toEqual([200, 5, undefined])
  })

  test('accepts an empty log', async () => {
    expect(await verify()).toEqual({ entries: 0, first: { seq: 0, hash: '' }, last: { seq: 0, hash: '' } })
  })

  test.each([
    ['a changed field', `update audit_log set actor = 'eve' where seq = 3`, { kind: 'changed', seq: 3 }],
    ['a changed detail', `update audit_log set detail = '{}' where seq = 2`, { kind: 'changed', seq: 2 }],
    [
      'a changed time',
      `update audit_log set at = at - interval '1 microsecond' where seq = 4`,
      { kind: 'changed', seq: 4 },
    ],
    ['a removed entry', 'delete from audit_log where seq = 3', { kind: 'removed', seq: 3 }],
    ['the removed first entry', 'delete from audit_log where seq = 1', { kind: 'removed', seq: 1 }],
    ['removed last entries', 'delete from audit_log where seq >= 4', { kind: 'removed', seq: 4 }],
    [
      'two exchanged entries',
      'update audit_log set seq = 9 where seq = 2; update audit_log set seq = 2 where seq = 3; update audit_log set seq = 3 where seq = 9',
      { kind: 'changed', seq: 2 },
    ],
    [
      'an entry after the end',
      `insert into audit_log (account_id, actor, source, action, resource, seq, hash) values ('default', 'eve', '-', 'X', 'x', 6, 'h')`,
      { kind: 'inserted', seq: 6 },
    ],
    [
      'an entry before the beginning',
      `insert into audit_log (account_id, actor, source, action, resource, seq, hash) values ('default', 'eve', '-', 'X', 'x', 0, 'h')`,
      { kind: 'inserted', seq: 0 },
    ],
  ])('finds %s', async (_, attack, fault) => {
    await write(5)
    await chainAuditLog(db)
    await query(attack)
    expect((await verify()).fault).toMatchObject(fault)
  })

  test('works after retention has removed the beginning, which is no removal', async () => {
    await write(3)
    await query(`update audit_log set at = at - interval '10 days'`)
    await write(2)
    expect(await removeOldAuditEntries(db, actor.accountId, 86_400_000)).toBe(3)
    expect(await verify()).toMatchObject({ entries: 2, first: { seq: 3 }, last: { seq: 5 } })
    expect((await verify()).fault).toBeUndefined()
    await query('delete from audit_log where seq = 4')
    expect((await verify()).fault).toEqual({ kind: 'removed', seq: 4 })
  })

  test('several servers chain at the same time, and every entry has one place', async () => {
    await Promise.all([write(40), ...Array.from({ length: 6 }, () => chainAuditLog(db))])
    await Promise.all(Array.from({ length: 6 }, () => chainAuditLog(db)))
    expect(await verify()).toMatchObject({ entries: 40, last: { seq: 40 } })
    expect((await verify()).fault).toBeUndefined()
  })

  test('can be repeated from an export, as the documentation says', async () => {
    await write(4)
    await chainAuditLog(db)
    const { items } = (await api.call('GET', '/api/v1/audit-log/chain?maxResults=100')).body
    expect(items).toHaveLength(4)
    let previous = ''
    for (const { hash, at: _, ...entry } of items) {
      previous = sha256Of(`${previous}\n${canonicalJson({ accessKeyId: null, ...entry })}`)
      expect(hash).toBe(previous)
    }
  })
})

describe('export', () => {
  test('to a webhook: nothing is lost while it is away, and it gets every entry in order', async () => {
    const received: number[] = []
    let isAway = true
    const credentials: (string | undefined)[] = []
    const server = createHttpServer((request, response) => {
      credentials.push(request.headers.authorization)
      let body = ''
      request.on('data', (data: Buffer) => (body += data.toString()))
      request.on('end', () => {
        if (!isAway) for (const line of body.trim().split('\n')) received.push(JSON.parse(line).seq)
        response.writeHead(isAway ? 503 : 204).end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = openAuditReceiver(`http://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/audit`, 'host')
    expect(receiver.name).not.toContain('u:p')
    await write(3)
    await chainAuditLog(db)
    await expect(exportAuditLog(db, receiver, never)).rejects.toThrow('503')
    expect(await listExports(db, actor)).toMatchObject([{ seq: 0, behind: 3, failure: expect.stringContaining('503') }])
    isAway = false
    await write(2)
    await chainAuditLog(db)
    await Promise.all([exportAuditLog(db, receiver, never), exportAuditLog(db, receiver, never)])
    expect(received).toEqual([1, 2, 3, 4, 5])
    expect(new Set(credentials)).toEqual(new Set([`Basic ${Buffer.from('u:p').toString('base64')}`]))
    expect(await listExports(db, actor)).toMatchObject([{ seq: 5, behind: 0, failure: '' }])
    server.close()
  })

  test('to syslog over TCP, with octet counting; a broken connection delivers nothing', async () => {
    let isBroken = true
    let received = ''
    const server = createTcpServer((socket) => {
      if (isBroken) return socket.resetAndDestroy()
      socket.on('data', (data) => (received += data.toString()))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = openAuditReceiver(`syslog+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, 'host-1')
    await write(2)
    await chainAuditLog(db)
    await expect(exportAuditLog(db, receiver, never)).rejects.toMatchObject({ code: 'ECONNRESET' })
    isBroken = false
    await exportAuditLog(db, receiver, never)
    const [, length = '', rest = ''] = /^(\d+) ([^]*)$/.exec(received) ?? []
    const message = Buffer.from(rest).subarray(0, Number(length)).toString()
    expect(message).toMatch(
      /^<109>1 \d{4}-\S+ host-1 chandler - CreateExtension \[audit@32473 account="default" seq="1" hash="[0-9a-f]{64}"\] \{/,
    )
    expect(JSON.parse(message.slice(message.indexOf('{')))).toMatchObject({
      seq: 1,
      actor: 'anna',
      detail: { n: 1, b: 'ä"' },
    })
    server.close()
  })
})
