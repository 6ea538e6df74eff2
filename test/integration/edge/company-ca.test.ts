/** What a company certifies with its own CA is trusted by the server and by agents if the system trusts that CA. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority, issueServerCertificate } from '../../../src/server/tls/sign-certificate.ts'
import { startProgram } from '../../faults/program.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'

let folder: string
let database: TestDatabase
/** An object store of the company that refuses everyone. */
let store: Server
let requests = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-company-ca-'))
  database = await startTestDatabase()
  const ca = await createAuthority(Date.now())
  await writeFile(join(folder, 'ca.pem'), ca.certificate)
  const { certificate, privateKey } = await issueServerCertificate(ca, ['localhost'], Date.now())
  store = createServer({ key: privateKey, cert: certificate }, (_, response) => {
    requests++
    response.statusCode = 403
    response.end('<Error><Code>AccessDenied</Code><Message>not you</Message></Error>')
  })
  store.listen(0, '127.0.0.1')
  await once(store, 'listening')
})
afterAll(async () => {
  store?.close()
  await database?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Starts a server with this store and returns the last line of its log: the reason of its end. */
async function startWithStore(environment: Record<string, string>): Promise<string> {
  const server = startProgram(['server', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0'], {
    DATABASE_URL: database.url,
    CHANDLER_OBJECTS: 's3://company',
    CHANDLER_S3_ENDPOINT: `https://localhost:${(store.address() as AddressInfo).port}`,
    CHANDLER_S3_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    ...environment,
  })
  expect(await server.ended).toBe(1)
  return server.log.join('\n')
}

test('the server trusts the CAs of the system for its object store', async () => {
  // OpenSSL reads the CAs of the system from this file.
  const log = await startWithStore({ SSL_CERT_FILE: join(folder, 'ca.pem') })
  expect(log).toContain('The credentials may not use s3://company')
  expect(requests).toBeGreaterThan(0)
})

test('and no CA that the system does not know', async () => {
  requests = 0
  const log = await startWithStore({})
  expect(log).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  expect(log).toContain('add its CA to the CAs of the system')
  expect(requests).toBe(0)
})
