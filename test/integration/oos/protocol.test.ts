/** The protocol itself, with requests that no official client sends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from '../registry/test-api.ts'
import { signHeadersV3, signQueryV1 } from './signed-request.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
})
afterEach(() => api.close())

const get = async (query: URLSearchParams | string, url = api.url) => read(await fetch(`${url}/?${query.toString()}`))
const post = async (init: RequestInit & { query?: string }) =>
  read(await fetch(`${api.url}/${init.query ? `?${init.query}` : ''}`, { method: 'POST', ...init }))

async function read(response: Response) {
  const body = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(body) : body }
}

const minutes = (count: number) => new Date(api.clock.now() + count * 60_000)
const describeRegions = (fields: Record<string, string> = {}) =>
  signQueryV1(admin, { Action: 'DescribeRegions', ...fields }).toString()
const countNonces = async () => (await db.pool.query('select count(*)::int as n from request_nonces')).rows[0].n

describe('authentication of a request', () => {
  test.each<[string, () => URLSearchParams | string, number, string]>([
    [
      'an unknown key',
      () => signQueryV1({ id: 'nobody', secret: 'x' }, { Action: 'DescribeRegions' }),
      404,
      'InvalidAccessKeyId.NotFound',
    ],
    [
      'an id that no key has',
      () => signQueryV1({ id: "'; --", secret: 'x' }, { Action: 'DescribeRegions' }),
      404,
      'InvalidAccessKeyId.NotFound',
    ],
    [
      'a wrong secret',
      () => signQueryV1({ ...admin, secret: 'wrong' }, { Action: 'DescribeRegions' }),
      400,
      'SignatureDoesNotMatch',
    ],
    [
      'a signature of another method',
      () => signQueryV1(admin, { Action: 'DescribeRegions' }, { method: 'POST' }),
      400,
      'SignatureDoesNotMatch',
    ],
    ['a parameter that was added', () => `${describeRegions()}&AcceptLanguage=zh`, 400, 'SignatureDoesNotMatch'],
    ['no signature', () => 'Action=DescribeRegions&Version=2019-06-01', 400, 'MissingParameter'],
    ['no time', () => describeRegions({ Timestamp: '' }), 400, 'MissingParameter'],
    ['no nonce', () => describeRegions({ SignatureNonce: '' }), 400, 'MissingParameter'],
    ['a nonce without end', () => describeRegions({ SignatureNonce: 'x'.repeat(129) }), 400, 'InvalidParameter'],
    [
      'another method of signing',
      () => describeRegions({ SignatureMethod: 'HMAC-MD5' }),
      400,
      'InvalidSignatureMethod',
    ],
    ['another version of signing', () => describeRegions({ SignatureVersion: '2.0' }), 400, 'InvalidParameter'],
    ['a bearer token', () => describeRegions({ SignatureType: 'BEARERTOKEN' }), 400, 'InvalidSignatureMethod'],
    ['a security token', () => describeRegions({ SecurityToken: 'x' }), 400, 'InvalidSecurityToken.Malformed'],
    [
      'an old time',
      () => signQueryV1(admin, { Action: 'DescribeRegions' }, { at: minutes(-16) }),
      400,
      'InvalidTimeStamp.Expired',
    ],
    [
      'a time to come',
      () => signQueryV1(admin, { Action: 'DescribeRegions' }, { at: minutes(16) }),
      400,
      'InvalidTimeStamp.Expired',
    ],
    [
      'a time that is none',
      () => describeRegions({ Timestamp: '2026-13-45T00:00:00Z' }),
      400,
      'InvalidTimeStamp.Format',
    ],
    ['a local time', () => describeRegions({ Timestamp: '2026-01-01 00:00:00' }), 400, 'InvalidTimeStamp.Format'],
    ['another version of the API', () => describeRegions({ Version: '2014-05-26' }), 400, 'InvalidVersion'],
    ['no version of the API', () => describeRegions({ Version: '' }), 400, 'MissingParameter'],
  ])('%s is refused, and does not use up its nonce', async (_, query, status, code) => {
    const before = await countNonces()
    const answer = await get(query())
    expect([answer.status, answer.body.Code]).toEqual([status, code])
    expect(answer.body).toEqual({
      RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
      HostId: new URL(api.url).host,
      Code: code,
      Message: expect.stringMatching(/\.$/),
      Recommend: `${api.url}/docs`,
    })
    expect(await countNonces()).toBe(before)
  })

  test.each([-14, 14])('a time %d minutes away is accepted', async (count) => {
    const query = signQueryV1(admin, { Action: 'DescribeRegions' }, { at: minutes(count) })
    expect((await get(query)).status).toBe(200)
  })

  test('HMAC-SHA256 is accepted', async () => {
    expect((await get(describeRegions({ SignatureMethod: 'HMAC-SHA256' }))).status).toBe(200)
  })

  test('a disabled key', async () => {
    const { body: key } = await api.call('POST', '/api/v1/access-keys', { kind: 'oos', description: 'to be disabled' })
    const query = () => signQueryV1(key, { Action: 'DescribeRegions' })
    expect((await get(query())).status).toBe(200)
    await api.call('POST', `/api/v1/access-keys/${key.id}/disable`)
    const answer = await get(query())
    expect([answer.status, answer.body.Code]).toEqual([403, 'InvalidAccessKeyId.Inactive'])
  })

  test('guessing is slowed down, at both APIs alike; signing with the right secret is not', async () => {
    const guess = () => get(signQueryV1({ ...admin, secret: 'wrong' }, { Action: 'DescribeRegions' }))
    for (let count = 0; count < 20; count++) await guess()
    const answer = await guess()
    expect([answer.status, answer.body.Code]).toEqual([429, 'Throttling.User'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const wrong = basic({ ...admin, secret: 'wrong' })
    expect((await api.call('GET', '/api/v1/instances', undefined, wrong)).status).toBe(429)
    expect((await api.call('GET', '/api/v1/instances')).status).toBe(200)
    expect((await get(describeRegions())).status).toBe(200)
  })
})

describe('a nonce', () => {
  test('is accepted once, on every server of the installation', async () => {
    const query = describeRegions()
    expect((await get(query)).status).toBe(200)
    const other = await startTestApi(db.database, api.clock)
    try {
      for (const url of [api.url, other.url]) {
        const answer = await get(query, url)
        expect([answer.status, answer.body.Code]).toEqual([400, 'SignatureNonceUsed'])
      }
    } finally {
      await other.close()
    }
  })

  test('is accepted once of many concurrent requests', async () => {
    const query = describeRegions()
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(query)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('of a forged request can be used afterwards', async () => {
    const SignatureNonce = 'the-same'
    const forged = signQueryV1({ ...admin, secret: 'wrong' }, { Action: 'DescribeRegions', SignatureNonce })
    expect((await get(forged)).body.Code).toBe('SignatureDoesNotMatch')
    expect((await get(describeRegions({ SignatureNonce }))).status).toBe(200)
  })

  test('expires, so that the table stays small', async () => {
    await get(describeRegions())
    await db.pool.query("update request_nonces set expires_at = now() - interval '1 second'")
    expect(await countNonces()).toBeGreaterThan(0)
    await api.clock.advance(61_000)
    await get(describeRegions({ Timestamp: `${new Date(api.clock.now()).toISOString().slice(0, 19)}Z` }))
    expect(await countNonces()).toBe(1)
  })
})

describe('signature version 3', () => {
  const form = 'AcceptLanguage=zh'
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' }

  test('with a form', async () => {
    const headers = signHeadersV3(api.url, admin, { action: 'DescribeRegions', body: form, headers: contentType })
    expect((await post({ headers, body: form })).status).toBe(200)
  })

  test.each<[string, () => RequestInit]>([
    ['another body', () => ({ body: 'AcceptLanguage=en' })],
    ['no body', () => ({})],
  ])('%s is refused', async (_, change) => {
    const headers = signHeadersV3(api.url, admin, { action: 'DescribeRegions', body: form, headers: contentType })
    const answer = await post({ headers, ...change() })
    expect([answer.status, answer.body.Code]).toEqual([400, 'SignatureDoesNotMatch'])
  })

  test('a header that was added on the way is refused', async () => {
    const headers = signHeadersV3(api.url, admin, { action: 'DescribeRegions' })
    const answer = await post({ headers: { ...headers, 'x-acs-security-token-is-not': 'signed' } })
    expect(answer.body.Message).toContain('the header x-acs-security-token-is-not is not among the signed ones')
  })

  test('a query parameter that was added on the way is refused', async () => {
    const headers = signHeadersV3(api.url, admin, { action: 'DescribeRegions' })
    expect((await post({ query: 'AcceptLanguage=zh', headers })).body.Code).toBe('SignatureDoesNotMatch')
  })

  test('the key of the native API in the same header is not a signature', async () => {
    const answer = await post({
      query: 'Action=DescribeRegions&Version=2019-06-01',
      headers: { authorization: `Bearer ${admin.id}:${admin.secret}` },
    })
    expect(answer.body.Code).toBe('MissingParameter')
  })

  test('the action is the signed one: a header beside version 1 is ignored', async () => {
    const answer = await read(
      await fetch(`${api.url}/?${describeRegions()}`, { headers: { 'x-acs-action': 'DeleteTemplate' } }),
    )
    expect(answer.body.Regions).toHaveLength(1)
  })
})

describe('parameters', () => {
  test.each<[string, () => URLSearchParams | string, string]>([
    ['an unknown one', () => describeRegions({ Colour: 'red' }), 'Colour'],
    ['one that comes twice', () => `${describeRegions()}&Action=DescribeRegions`, 'Action comes twice'],
    ['a NUL', () => describeRegions({ AcceptLanguage: 'a\0b' }), 'NUL'],
    ['what is not UTF-8', () => `${describeRegions()}&AcceptLanguage=%ff`, 'UTF-8'],
    ['a text that is too long', () => describeRegions({ AcceptLanguage: 'x'.repeat(65_537) }), 'AcceptLanguage'],
    ['another format', () => describeRegions({ Format: 'YAML' }), 'Format'],
    [
      'hundreds',
      () => describeRegions(Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`A${n}`, '']))),
      '500',
    ],
  ])('%s: InvalidParameter, with its name', async (_, query, args) => {
    const answer = await get(query())
    expect([answer.status, answer.body.Code]).toEqual([400, 'InvalidParameter'])
    expect(answer.body.Message).toContain(args)
  })

  test('empty ones are absent, and any region is accepted', async () => {
    const answer = await get(describeRegions({ AcceptLanguage: '', RegionId: 'cn-hangzhou' }))
    expect(answer.body.Regions[0].RegionId).toBe('default')
  })

  test('the common ones of every client are ignored', async () => {
    const common = {
      AcceptLanguage: 'zh',
      AccountId: '1',
      OwnerId: '2',
      ResourceOwnerId: '3',
      ResourceOwnerAccount: 'a',
    }
    const folders = { OwnerAccount: 'b', RdFolderIds: '["fd-1"]', 'RdFolderIds.1': 'fd-1' }
    const answer = await get(signQueryV1(admin, { Action: 'ListTemplates', ...common, ...folders }))
    expect(answer.status).toBe(200)
    const unknown = await get(signQueryV1(admin, { Action: 'ListTemplates', 'TemplateName.1': 'a' }))
    expect(unknown.body.Message).toContain('TemplateName.1')
  })

  test('one that is in the query and in the form is refused', async () => {
    const body = signQueryV1(admin, { Action: 'DescribeRegions' }, { method: 'POST' })
    expect((await post({ query: 'Action=DescribeRegions', body })).body.Code).toBe('InvalidParameter')
  })

  test('a form of another type is refused', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await post({ query: describeRegions(), headers, body: '{}' })
    expect([answer.status, answer.body.Code]).toEqual([415, 'UnsupportedMediaType'])
  })
})

describe('operations', () => {
  test.each([
    ['NoSuchThing', 'The operation "NoSuchThing" does not exist.'],
    ['__proto__', 'The operation "__proto__" does not exist.'],
    ['CreatePatchBaseline', 'This server does not support the operation CreatePatchBaseline: OS patching'],
  ])('%s does not exist', async (Action, args) => {
    const answer = await get(signQueryV1(admin, { Action }))
    expect([answer.status, answer.body.Code]).toEqual([404, 'InvalidAction.NotFound'])
    expect(answer.body.Message).toContain(args)
  })

  test('are in the log, with their caller', async () => {
    const { body } = await get(describeRegions())
    const line = api.log.map((entry) => JSON.parse(entry)).find(({ requestId }) => requestId === body.RequestId)
    expect(line).toMatchObject({ path: '/', operation: 'DescribeRegions', actor: 'admin', status: 200 })
    expect(api.log.join('')).not.toContain('Signature=')
  })
})

describe('answers in XML', () => {
  test('of an operation', async () => {
    const { headers, body } = await get(describeRegions({ Format: 'xml' }))
    expect(headers.get('content-type')).toBe('text/xml; charset=utf-8')
    expect(body).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><DescribeRegionsResponse><RequestId>[0-9A-F-]{36}<\/RequestId><Regions><RegionId>default<\/RegionId>/,
    )
  })

  test('of a refusal', async () => {
    const { status, body } = await get(
      signQueryV1({ ...admin, secret: 'x' }, { Action: 'DescribeRegions', Format: 'XML' }),
    )
    expect(status).toBe(400)
    expect(body).toMatch(/<Error><RequestId>.*<Code>SignatureDoesNotMatch<\/Code>.*<\/Error>$/)
  })
})

describe('the path /', () => {
  test('is the about page for requests without an action', async () => {
    for (const query of ['', 'Version=2019-06-01', 'action=DescribeRegions']) {
      expect((await get(query)).body).toMatchObject({ name: 'Chandler', docs: '/docs' })
    }
    for (const body of ['Version=2019-06-01', new URLSearchParams({ Version: '2019-06-01' })]) {
      const answer = await post({ body })
      expect([answer.status, answer.body.code]).toEqual([404, 'NotFound'])
    }
  })

  test('accepts large requests, and answers too large ones in JSON', async () => {
    const large = describeRegions({ AcceptLanguage: '{'.repeat(65_536) })
    expect(large.length).toBeGreaterThan(190_000)
    expect((await get(large)).status).toBe(200)
    const form = signQueryV1(
      admin,
      { Action: 'DescribeRegions', AcceptLanguage: '{'.repeat(65_536) },
      { method: 'POST' },
    )
    expect((await post({ body: form })).status).toBe(200)
    const tooLarge = await post({ body: `Action=DescribeRegions&AcceptLanguage=${'x'.repeat(3_000_000)}` })
    expect([tooLarge.status, tooLarge.body.Code]).toEqual([413, 'RequestBodyTooLarge'])
    const tooLong = await get(describeRegions({ AcceptLanguage: '{'.repeat(100_000) }))
    expect(tooLong.status).toBe(431)
    expect(tooLong.body).toMatchObject({ Code: 'RequestHeadTooLarge', code: 'RequestHeadTooLarge', status: 431 })
    expect(tooLong.body.RequestId).toBe(tooLong.headers.get('x-request-id'))
  })

  test('answers invalid HTTP in JSON', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('hello\r\n\r\n')
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 400 RequestInvalid\r\n/)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ Code: 'RequestInvalid' })
  })
})

test('a bug is InternalError, and only the log has its cause', async () => {
  const own = await startTestDatabase()
  const broken = await startTestApi(own.database, createManualClock(Date.now()))
  try {
    await own.pool.query('drop table request_nonces')
    const answer = await get(describeRegions(), broken.url)
    expect([answer.status, answer.body.Code]).toEqual([500, 'InternalError'])
    expect(answer.body.Message).not.toContain('request_nonces')
    expect(broken.log.join('')).toContain('request_nonces')
  } finally {
    await broken.close()
    await own.stop()
  }
})
