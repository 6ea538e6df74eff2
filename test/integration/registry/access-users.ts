import { basic, type TestApi } from './test-api.ts'

export const allow = (action: string | readonly string[], resource: string | readonly string[] = '*') => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
})
export const deny = (action: string | readonly string[], resource: string | readonly string[] = '*') => ({
  ...allow(action, resource),
  Effect: 'Deny',
})
export const documentOf = (...statements: readonly object[]) => ({ Version: '1', Statement: statements })

/** The `authorization` header of a user that `makeUserKey` creates. */
export const makeUser = async (api: TestApi, name: string, ...statements: readonly object[]): Promise<string> =>
  basic(await makeUserKey(api, name, ...statements))

/** A user with a policy `NAME-policy` of these statements (none: no policy), and an access key. */
export async function makeUserKey(
  api: TestApi,
  name: string,
  ...statements: readonly object[]
): Promise<{ readonly id: string; readonly secret: string }> {
  await succeed(api, 'POST', '/api/v1/users', { name })
  if (statements.length > 0) {
    await succeed(api, 'POST', '/api/v1/policies', { name: `${name}-policy`, document: documentOf(...statements) })
    await succeed(api, 'PUT', `/api/v1/users/${name}/policies/${name}-policy`)
  }
  return succeed(api, 'POST', '/api/v1/access-keys', { userName: name, kind: 'oos' })
}

/** Preconditions of a test. */
export async function succeed(api: TestApi, method: string, path: string, body?: unknown) {
  const answer = await api.call(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
