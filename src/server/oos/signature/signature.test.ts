/**
 * The vectors of reference 6.4 and 6.5: documented ones, and some generated with the official
 * helpers.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256Of } from '../../../lib/digest.ts'
import { parseParameters } from '../rpc/parse-parameters.ts'
import { percentEncode } from './percent-encode.ts'
import { readV1 } from './read-v1.ts'
import { readV3 } from './read-v3.ts'
import { renderStringToSignV1, signV1 } from './sign-v1.ts'
import { renderCanonicalRequestV3, signV3 } from './sign-v3.ts'

const secret = Buffer.from('testsecret')

const describeRegions = {
  AccessKeyId: 'testid',
  Action: 'DescribeRegions',
  Format: 'XML',
  SignatureMethod: 'HMAC-SHA1',
  SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
  SignatureVersion: '1.0',
  Timestamp: '2016-02-23T12:46:24Z',
  Version: '2014-05-26',
}
const listTemplates = {
  AccessKeyId: 'testid',
  Action: 'ListTemplates',
  Format: 'JSON',
  MaxResults: '10',
  RegionId: 'cn-hangzhou',
  SignatureMethod: 'HMAC-SHA1',
  SignatureNonce: '00000000000000000000000000000001',
  SignatureVersion: '1.0',
  Tags: '{"k1":"v 1*~"}',
  TemplateType: 'Package',
  Timestamp: '2026-01-02T03:04:05Z',
  Version: '2019-06-01',
}

describe('version 1', () => {
  test('the documented text to sign', () => {
    expect(renderStringToSignV1('GET', Object.entries(describeRegions))).toBe(
      'GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26',
    )
  })

  test.each([
    ['the documented example', 'GET', describeRegions, 'OLeaidS1JvxuMvnyHOwuJ+uX5qY='],
    ['OOS by GET', 'GET', listTemplates, 'ui/boKIdp0VYwxf09B+DGuW0ZoQ='],
    ['OOS by POST', 'POST', listTemplates, '5znrqEZkzEBkDmRyJCLdXlwsmKw='],
  ])('%s', (_, method, parameters, signature) => {
    const claim = readV1(method, new Map(Object.entries({ ...parameters, Signature: signature })))
    expect(claim.isSignedWith(secret)).toBe(true)
    expect(claim.isSignedWith(Buffer.from('testsecreT'))).toBe(false)
    const other = readV1(method, new Map(Object.entries({ ...parameters, MaxResults: '11', Signature: signature })))
    expect(other.isSignedWith(secret)).toBe(false)
  })

  test('the order and the encoding in the request do not matter', () => {
    const onTheWay =
      'TemplateType=Package&Tags=%7b%22k1%22%3A%22v+1*~%22%7D&Signature=ui%2FboKIdp0VYwxf09B%2BDGuW0ZoQ%3D&' +
      Object.entries(listTemplates)
        .filter(([name]) => name !== 'Tags' && name !== 'TemplateType')
        .map((pair) => pair.join('='))
        .join('&')
    expect(readV1('GET', new Map(parseParameters(onTheWay))).isSignedWith(secret)).toBe(true)
  })

  test('HMAC-SHA256 of the string to sign', () => {
    const parameters = { ...listTemplates, SignatureMethod: 'HMAC-SHA256' }
    const toSign = renderStringToSignV1('GET', Object.entries(parameters))
    expect(toSign).toContain('HMAC-SHA256')
    const claim = readV1('GET', new Map(Object.entries({ ...parameters, Signature: signV1(toSign, secret, 'sha256') })))
    expect(claim.isSignedWith(secret)).toBe(true)
  })

  test.each(['AccessKeyId', 'Signature', 'SignatureMethod', 'SignatureVersion', 'SignatureNonce', 'Timestamp'])(
    '%s is required',
    (name) => {
      const parameters = new Map(Object.entries({ ...listTemplates, Signature: 'x', [name]: '' }))
      expect(() => readV1('GET', parameters)).toThrow(`The request parameter ${name} is missing.`)
    },
  )

  test.each([
    [{ SignatureMethod: 'HMAC-MD5' }, 'SignatureMethodUnsupported'],
    [{ SignatureMethod: '__proto__' }, 'SignatureMethodUnsupported'],
    [{ SignatureVersion: '2.0' }, 'RequestParameterInvalid'],
    [{ SignatureType: 'BEARERTOKEN' }, 'SignatureMethodUnsupported'],
  ])('%j is refused', (fields, code) => {
    const parameters = new Map(Object.entries({ ...listTemplates, Signature: 'x', ...fields }))
    expect(() => readV1('GET', parameters)).toThrow(expect.objectContaining({ code }))
  })
})

const emptyDigest = sha256Of('')
const runInstances = {
  method: 'POST',
  query: [
    ['ImageId', 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd'],
    ['RegionId', 'cn-shanghai'],
  ] as const,
  headers: {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    'x-acs-action': 'RunInstances',
    'x-acs-content-sha256': emptyDigest,
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-version': '2014-05-26',
  },
}

const form = Buffer.from('Content=FormatVersion%3A%20OOS-2019-06-01&TemplateName=demo')
const createTemplate = {
  method: 'POST',
  query: [
    ['RegionId', 'cn-hangzhou'],
    ['Tags', '{"k1":"v 1*~"}'],
  ] as const,
  headers: {
    host: '127.0.0.1:8080',
    'content-type': 'application/x-www-form-urlencoded',
    'x-acs-action': 'CreateTemplate',
    'x-acs-content-sha256': sha256Of(form),
    'x-acs-date': '2026-01-02T03:04:05Z',
    'x-acs-signature-nonce': '00000000000000000000000000000001',
    'x-acs-version': '2019-06-01',
    authorization: '',
  },
  body: form,
}
const signedHeaders =
  'content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version'
const signature = '7ab018ee8af9522bdf5362b8d9fe65f8ab9caf61f2e9eb14a593b6cb2a2c414f'
const authorization = `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${signedHeaders},Signature=${signature}`

describe('version 3', () => {
  test('the documented example', () => {
    const canonical = renderCanonicalRequestV3({
      ...runInstances,
      signedHeaders: Object.keys(runInstances.headers),
      payloadDigest: emptyDigest,
    })
    expect(sha256Of(canonical)).toBe('7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259')
    expect(signV3(canonical, Buffer.from('YourAccessKeySecret'))).toBe(
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    )
  })

  test('OOS with a form', () => {
    expect(sha256Of(form)).toBe('ce7f9f2e4fc95a757dc55b4b22e84ed4358322f5352c3ddd02baaab085c819ab')
    const claim = readV3({ ...createTemplate, headers: { ...createTemplate.headers, authorization } })
    expect(claim).toMatchObject({ accessKeyId: 'testid', nonce: '0'.repeat(31) + 1, time: '2026-01-02T03:04:05Z' })
    expect(claim.isSignedWith(secret)).toBe(true)
    expect(claim.isSignedWith(Buffer.from('testsecreT'))).toBe(false)
  })

  test.each([
    ['the query', { query: [['RegionId', 'cn-beijing']] as const }],
    ['the method', { method: 'GET' }],
    ['a header', { headers: { ...createTemplate.headers, authorization, 'x-acs-action': 'DeleteTemplate' } }],
    ['the host', { headers: { ...createTemplate.headers, authorization, host: 'elsewhere' } }],
  ])('%s is signed', (_, change) => {
    const request = { ...createTemplate, headers: { ...createTemplate.headers, authorization }, ...change }
    expect(readV3(request).isSignedWith(secret)).toBe(false)
  })

  test('the body is signed', () => {
    const request = { ...createTemplate, headers: { ...createTemplate.headers, authorization } }
    expect(() => readV3({ ...request, body: Buffer.from('TemplateName=other') })).toThrow(/not that of the body/)
  })

  test.each([
    ['host', signedHeaders.replace('host;', '')],
    ['x-acs-date', signedHeaders.replace('x-acs-date;', '')],
    ['content-type', signedHeaders.replace('content-type;', '')],
    ['x-acs-other', signedHeaders],
  ])('%s must be signed', (name, names) => {
    const headers = {
      ...createTemplate.headers,
      'x-acs-other': name === 'x-acs-other' ? 'there' : undefined,
      authorization: `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${names},Signature=${signature}`,
    }
    expect(() => readV3({ ...createTemplate, headers })).toThrow(`the header ${name} is not among the signed ones`)
  })

  test.each([
    ['ACS3-RSA-SHA256 Credential=a,SignedHeaders=host,Signature=b', 'SignatureMethodUnsupported'],
    ['ACS3-HMAC-SHA256', 'SignatureInvalid'],
    ['ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=b', 'SignatureInvalid'],
    [`ACS3-HMAC-SHA256 Credential=a,SignedHeaders=x-acs-date;host,Signature=b`, 'SignatureInvalid'],
    [`ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;host,Signature=b`, 'SignatureInvalid'],
  ])('%s is refused', (header, code) => {
    const headers = { ...createTemplate.headers, authorization: header }
    expect(() => readV3({ ...createTemplate, headers })).toThrow(expect.objectContaining({ code }))
  })

  test.each(['x-acs-version', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256'])(
    '%s is required',
    (name) => {
      const headers = { ...createTemplate.headers, authorization, [name]: undefined }
      expect(() => readV3({ ...createTemplate, headers })).toThrow(`The request parameter ${name} is missing.`)
    },
  )
})

test('percent encoding round-trips, and its output has only letters, digits and -_.~%', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
      (text) => {
        expect(percentEncode(text)).toMatch(/^([A-Za-z0-9_.~-]|%[0-9A-F]{2})*$/)
        expect(parseParameters(`a=${percentEncode(text)}`)).toEqual([['a', text]])
      },
    ),
  )
})
