import { chandlerError } from '../../../core/error/errors.ts'
import {
  getServiceSettingsRow,
  type ServiceSettingsRow,
  updateServiceSettings,
} from '../../../store/server/service-settings.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/** Names that OOS scripts store with their account; nothing is delivered there. */
export type ServiceSettings = ServiceSettingsRow

export interface ServiceSettingsRequest extends ServiceSettings {
  readonly deliveryOssEnabled?: boolean | undefined
  readonly deliverySlsEnabled?: boolean | undefined
}

export const readServiceSettings = (
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Actor,
): Promise<ServiceSettings> => getServiceSettingsRow(database, accountId)

/**
 * Replaces all settings. Delivery cannot be enabled, because it is not implemented.
 * @throws DeliveryUnsupported
 */
export async function setServiceSettings(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  { deliveryOssEnabled, deliverySlsEnabled, ...settings }: ServiceSettingsRequest,
): Promise<ServiceSettings> {
  if (deliveryOssEnabled) throw chandlerError('DeliveryUnsupported', { service: 'OSS', field: 'DeliveryOssEnabled' })
  if (deliverySlsEnabled) throw chandlerError('DeliveryUnsupported', { service: 'SLS', field: 'DeliverySlsEnabled' })
  await database.transaction().execute(async (transaction) => {
    await updateServiceSettings(transaction, actor.accountId, settings)
    await writeAudit(transaction, actor, 'SetServiceSettings', 'service-settings', { ...settings })
  })
  return settings
}
