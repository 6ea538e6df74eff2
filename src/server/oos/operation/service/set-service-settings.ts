import { z } from 'zod'
import { setServiceSettings as set } from '../../../app/overview/service-settings.ts'
import { defineOperation } from '../../operation.ts'
import { boolean, text } from '../../rpc/fields.ts'
import { presentServiceSettings } from './present-service-settings.ts'

const name = () => text(256).optional()

export const setServiceSettings = defineOperation({
  name: 'SetServiceSettings',
  state: { partly: 'names are stored; delivery to OSS or SLS cannot be enabled' },
  parameters: z.strictObject({
    DeliveryOssBucketName: name(),
    DeliveryOssEnabled: boolean().optional(),
    DeliveryOssKeyPrefix: name(),
    DeliverySlsEnabled: boolean().optional(),
    DeliverySlsProjectName: name(),
    RdcEnterpriseId: name(),
  }),
  resources: () => [],
  run: async ({ context, actor }, input) =>
    presentServiceSettings(
      await set(context, actor, {
        deliveryOssEnabled: input.DeliveryOssEnabled,
        deliverySlsEnabled: input.DeliverySlsEnabled,
        deliveryOssBucketName: input.DeliveryOssBucketName,
        deliveryOssKeyPrefix: input.DeliveryOssKeyPrefix,
        deliverySlsProjectName: input.DeliverySlsProjectName,
        rdcEnterpriseId: input.RdcEnterpriseId,
      }),
    ),
})
