import { chandlerError } from '../../../core/error/errors.ts'
import type { ActionOptions, OsPackageAction } from '../../../core/execution/operation.ts'

/** @throws RequestInvalid if `autoremove` is set for an action that removes nothing. */
export function refuseAutoremove({
  action,
  autoremove,
}: Pick<ActionOptions, 'autoremove'> & { readonly action: OsPackageAction }): void {
  if (autoremove && action !== 'uninstall')
    throw chandlerError('RequestInvalid', { reason: 'autoremove is an option of uninstall only' })
}
