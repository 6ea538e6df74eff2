import Button, { type ButtonProps } from '@cloudscape-design/components/button'
import { useQuery } from '../data/use-query.ts'
import { useTexts } from '../i18n/language.tsx'

interface Permission {
  /** Such as `ecs:DeleteInstance`. */
  readonly action: string
  /** Relative name, such as `instance/i-…`; `instance/*`: any instance. */
  readonly resource: string
}

/**
 * The reason why the user may not perform an action, or undefined. Until the server has answered
 * the action is offered: the server decides in any case.
 */
function useRefusal(permission: Permission | undefined): string | undefined {
  const { access } = useTexts()
  const key = permission && `permissions/${permission.action} ${permission.resource}`
  const { data, isOld } = useQuery(key, (client) => client.permissions.check(permission ? [permission] : []))
  const [result] = data?.results ?? []
  return !permission || isOld || result?.allowed !== false
    ? undefined
    : access.missingPermission(permission.action, permission.resource)
}

/** A button for an action; without the permission it is disabled and says which one is missing. */
export function PermittedButton({ permission, href, ...props }: ButtonProps & { readonly permission: Permission }) {
  const refusal = useRefusal(permission)
  if (refusal !== undefined) return <Button {...props} disabled disabledReason={refusal} />
  return href === undefined ? <Button {...props} /> : <Button {...props} href={href} />
}
