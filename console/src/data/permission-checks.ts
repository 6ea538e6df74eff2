/** An action on a resource, as policies name them. */
export interface RequiredPermission {
  /** Such as `ecs:DeleteInstance`. */
  readonly action: string
  /** Relative name, such as `instance/i-…`; `instance/*`: any instance. */
  readonly resource: string
}

export interface PermissionChecks {
  /** Whether the user has a permission. Checks of the same moment share one request. */
  check(permission: RequiredPermission): Promise<boolean>
}

/** The server accepts at most so many per request. */
export const maxChecksPerRequest = 100

/**
 * A page has dozens of buttons, which appear at the same time. @param request returns one answer
 * per permission, in the same order
 */
export function createPermissionChecks(
  request: (permissions: readonly RequiredPermission[]) => Promise<readonly { readonly allowed: boolean }[]>,
): PermissionChecks {
  let waiting = new Map<
    string,
    { readonly permission: RequiredPermission; readonly answer: PromiseWithResolvers<boolean> }
  >()

  const send = () => {
    const all = [...waiting.values()]
    waiting = new Map()
    for (let start = 0; start < all.length; start += maxChecksPerRequest) {
      const batch = all.slice(start, start + maxChecksPerRequest)
      request(batch.map(({ permission }) => permission)).then(
        (results) => batch.forEach(({ answer }, place) => answer.resolve(results[place]?.allowed ?? false)),
        (error: unknown) => batch.forEach(({ answer }) => answer.reject(error)),
      )
    }
  }

  return {
    check(permission) {
      const key = `${permission.action} ${permission.resource}`
      const known = waiting.get(key)
      if (known) return known.answer.promise
      if (waiting.size === 0) queueMicrotask(send)
      const answer = Promise.withResolvers<boolean>()
      waiting.set(key, { permission, answer })
      return answer.promise
    },
  }
}

/** The first permission that the user lacks. */
export async function findMissingPermission(
  checks: PermissionChecks,
  permissions: readonly RequiredPermission[],
): Promise<RequiredPermission | undefined> {
  const answers = await Promise.all(permissions.map((permission) => checks.check(permission)))
  return permissions.find((_, place) => answers[place] === false)
}
