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

/**
 * A user with a key of their own, and a policy `NAME-policy` of these statements (none: no policy).
 * @returns what they send as `authorization`
 */
export async function makeUser(api: TestApi, name: string, ...statements: readonly object[]): Promise<string> {
  await succeed(api, 'POST', '/api/v1/users', { name })
  if (statements.length > 0) {
    await succeed(api, 'POST', '/api/v1/policies', { name: `${name}-policy`, document: documentOf(...statements) })
    await succeed(api, 'PUT', `/api/v1/users/${name}/policies/${name}-policy`)
  }
  const { body } = await api.call('POST', '/api/v1/access-keys', { userName: name })
  return basic(body)
}

/** What a test needs to be so before it begins. */
export async function succeed(api: TestApi, method: string, path: string, body?: unknown) {
  const answer = await api.call(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
