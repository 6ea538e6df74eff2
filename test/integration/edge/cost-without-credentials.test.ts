/**
 * No request without credentials costs more than a few milliseconds of CPU, whatever its content.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maxCpuWithoutCredentialsMs } from '../../../src/core/limits.ts'
import { agentPaths } from '../../../src/protocol/agent-protocol.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, makeEnrolment, startTestApi, type TestApi } from '../registry/test-api.ts'

let db: TestDatabase
let api: TestApi
beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

interface Request {
  readonly method?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** As bytes, so that no client refuses what an attacker would send. */
function render({ method = 'GET', target = '/', headers = {}, body = '' }: Request): string {
  const all = { host: 'localhost', connection: 'close', ...headers }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  if (body !== '') head.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${method} ${target} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`
}

async function send(text: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  const pieces: Buffer[] = []
  socket.on('data', (piece) => pieces.push(piece))
  socket.on('error', () => {
    // The server may close before it has read everything.
  })
  const closed = once(socket, 'close')
  socket.write(text)
  await closed
  return Buffer.concat(pieces).toString('latin1')
}

/**
 * The minimum of up to 50 attempts, stopping at the first one within the limit: on a busy machine
 * the same work takes more CPU. Includes the client's part.
 */
async function measureCpuMs(text: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 50 && least > maxCpuWithoutCredentialsMs; round++) {
    const before = process.cpuUsage()
    await send(text)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1_000)
  }
  return least
}

const size = 100_000
const fill = (pattern: string, length = size) => pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length)
const patterns = [
  'a',
  'a://',
  '://x:',
  'a:@',
  '&a',
  '?a=',
  '&a=',
  '&token',
  '%41',
  '%',
  '+',
  '/',
  '//',
  '/..',
  ';',
  '-',
  '[',
  '"',
  '\\',
  '{',
  ' ',
  ',',
  '.',
  '=',
  '<',
  "'",
]

const targets = patterns
  .filter((pattern) => pattern !== ' ')
  .flatMap((pattern): [string, Request][] => [
    [`a path of ${pattern}`, { target: `/${fill(pattern)}` }],
    [`a path of the API of ${pattern}`, { target: `/api/v1/extensions/${fill(pattern)}` }],
    [`a query of ${pattern}`, { target: `/api/v1/instances?${fill(pattern)}` }],
    [`a query of an open route of ${pattern}`, { target: `/healthz?${fill(pattern)}` }],
    [`a query of the OOS API of ${pattern}`, { target: `/?Action=StartExecution&${fill(pattern)}` }],
    [`an artifact of ${pattern}`, { target: `/artifacts/x/${fill(pattern)}?expires=1&signature=${fill(pattern)}` }],
    [`a page of the console of ${pattern}`, { target: `/${fill(pattern)}`, headers: { accept: 'text/html' } }],
    [`a file of the console of ${pattern}`, { target: `/assets/${fill(pattern)}` }],
    [`a reference page of ${pattern}`, { target: `/docs/static/${fill(pattern)}` }],
    [`an agent of ${pattern}`, { target: `/agent/bundle.tar.gz?os=linux&arch=${fill(pattern)}` }],
  ])

const headerNames = [
  'authorization',
  'cookie',
  'accept',
  'content-type',
  'host',
  'origin',
  'range',
  'x-forwarded-for',
  'x-acs-action',
  'if-none-match',
  'accept-encoding',
  'x-content-sha256',
]
const headers = headerNames.flatMap((name) =>
  patterns.map((pattern): [string, Request] => [
    `a header ${name} of ${pattern}`,
    { target: '/install.sh', headers: { [name]: `x${fill(pattern)}x` } },
  ]),
)
const credentials = ['Basic ', 'Bearer ', 'ACS3-HMAC-SHA256 '].flatMap((scheme) =>
  patterns.map((pattern): [string, Request] => [
    `credentials ${scheme}of ${pattern}`,
    { target: '/api/v1/instances', headers: { authorization: scheme + fill(pattern) } },
  ]),
)

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const many = (count: number, of: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => of(index)).join(',')
const bodies: [string, string][] = [
  ['many unknown fields', `{${many(100_000, (index) => `"a${index}":1`)}}`],
  ['a long list', `[${many(300_000, () => '1')}]`],
  ['a deep list', '['.repeat(400_000)],
  ['a long text', `{"token":"${fill('a', 1_600_000)}"}`],
  ['escapes', `{"token":"${fill('\\u005f', 1_600_000)}"}`],
  ['an unclosed text', `{"a":"${fill('\\\\', 1_600_000)}`],
  [
    'tags',
    JSON.stringify(
      makeEnrolment('ct_x', {
        tags: Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`t${index}`, index])),
      }),
    ),
  ],
  [
    'addresses',
    JSON.stringify(makeEnrolment('ct_x', { facts: { addresses: Array.from({ length: 200_000 }, () => 1) } })),
  ],
  ['nothing of JSON', fill('a', 2_000_000)],
]
const bodyTargets = [
  agentPaths.enrol,
  '/api/v1/session',
  '/api/v1/nowhere',
  '/',
  '/api/v1/executions',
  '/agent/v1/nowhere',
]
const posts = bodyTargets.flatMap((target) =>
  bodies.map(([name, body]): [string, Request] => [
    `${name} to ${target}`,
    { method: 'POST', target, headers: { ...json, 'sec-fetch-site': 'same-origin', 'x-chandler-console': '1' }, body },
  ]),
)

const time = '2026-01-01T00:00:00Z'
const v1 = `Version=2019-06-01&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=x&Timestamp=${encodeURIComponent(time)}&Signature=x`
const calls = ['nobody', admin.id].flatMap((id) =>
  ['a', '%E4%BD%A0', '%25', '%00', '+', '!', '&', 'é']
    .flatMap((pattern): [string, Request][] => {
      const content = fill(pattern, 1_500_000)
      return [2_000_000, 250_000].flatMap((length): [string, Request][] => {
        const part = content.slice(0, length - (length % pattern.length))
        return [
          [
            `a form of ${length} of ${pattern} by ${id}`,
            { method: 'POST', headers: form, body: `Action=CreateTemplate&AccessKeyId=${id}&${v1}&Content=${part}` },
          ],
          [
            `a signed body of ${length} of ${pattern} by ${id}`,
            {
              method: 'POST',
              headers: {
                ...form,
                authorization: `ACS3-HMAC-SHA256 Credential=${id},SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=x`,
                'x-acs-action': 'CreateTemplate',
                'x-acs-version': '2019-06-01',
                'x-acs-date': time,
                'x-acs-signature-nonce': 'x',
                'x-acs-content-sha256': 'x',
              },
              body: `Content=${part}`,
            },
          ],
        ]
      })
    })
    .concat([
      [
        `a long query by ${id}`,
        { target: `/?Action=CreateTemplate&AccessKeyId=${id}&${v1}&Content=${fill('%E4%BD%A0', 249_993)}` },
      ],
      [
        `a query of many by ${id}`,
        {
          target: `/?Action=CreateTemplate&AccessKeyId=${id}&${v1}${Array.from({ length: 485 }, (_, index) => `&a${index}=${fill('%2f', 495)}`).join('')}`,
        },
      ],
    ]),
)

test.each([
  ['paths and queries', targets],
  ['headers', headers],
  ['credentials', credentials],
  ['bodies', posts],
  ['calls of the OOS API', calls],
])('%s', { timeout: 300_000 }, async (_, requests) => {
  // Lazy compilation and the connection itself do not count.
  for (let round = 0; round < 20; round++) await send(render({ target: '/healthz' }))
  const costly: string[] = []
  for (const [name, request] of requests) {
    const text = render(request)
    const cpuMs = await measureCpuMs(text)
    if (cpuMs > maxCpuWithoutCredentialsMs) costly.push(`${name}: ${cpuMs.toFixed(1)} ms`)
  }
  expect(costly).toEqual([])
})
