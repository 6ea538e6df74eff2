import Button, { type ButtonProps } from '@cloudscape-design/components/button'
import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown'
import type { Ref } from 'react'
import { useConsoleData } from '../data/console-data.tsx'
import { findMissingPermission, type RequiredPermission } from '../data/permission-checks.ts'
import { useQuery } from '../data/use-query.ts'
import { useTexts } from '../i18n/language.tsx'

/** What an action requires: all of these. Undefined: not known yet, such as without a selection. */
type Needed = RequiredPermission | readonly RequiredPermission[] | undefined

const listNeeded = (needed: Needed): readonly RequiredPermission[] => (needed === undefined ? [] : [needed].flat())

/**
 * For each action the reason why the user may not perform it, or undefined. Until the server has
 * answered, actions are offered: the server decides in any case.
 */
function useRefusals(actions: readonly Needed[]): readonly (string | undefined)[] {
  const { access } = useTexts()
  const { permissionChecks } = useConsoleData()
  const needed = actions.map(listNeeded)
  const isAny = needed.some((permissions) => permissions.length > 0)
  const key = needed.map((all) => all.map(({ action, resource }) => `${action} ${resource}`).join()).join(';')
  const { data, isOld } = useQuery(isAny ? `permissions/${key}` : undefined, () =>
    Promise.all(needed.map((permissions) => findMissingPermission(permissionChecks, permissions))),
  )
  return actions.map((_, place) => {
    const missing = isAny && !isOld ? data?.[place] : undefined
    return missing && access.missingPermission(missing.action, missing.resource)
  })
}

/** A button for an action; without the permission it is disabled and says which one is missing. */
export function PermittedButton({
  permission,
  href,
  ...props
}: ButtonProps & { readonly permission: Needed; readonly ref?: Ref<ButtonProps.Ref> }) {
  const [refusal] = useRefusals([permission])
  if (refusal !== undefined) return <Button {...props} disabled disabledReason={refusal} />
  return href === undefined ? <Button {...props} /> : <Button {...props} href={href} />
}

interface PermittedItem extends ButtonDropdownProps.Item {
  readonly permission: Needed
}

/** A menu of actions; those without permission are disabled, and each says which one is missing. */
export function PermittedMenu({
  items,
  ...props
}: Omit<ButtonDropdownProps, 'items'> & { readonly items: readonly PermittedItem[] }) {
  const refusals = useRefusals(items.map(({ permission }) => permission))
  const shown = items.map(({ permission: _, ...item }, place): ButtonDropdownProps.Item => {
    const refusal = refusals[place]
    if (refusal === undefined) return item
    const { href: __, ...disabled } = item
    return { ...disabled, disabled: true, disabledReason: refusal }
  })
  return <ButtonDropdown {...props} items={shown} />
}
