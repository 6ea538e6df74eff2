import type { ServiceSettings } from '../../../app/overview/service-settings.ts'

/** OOS has them in a list of one. What was never set is empty. */
export const presentServiceSettings = (settings: ServiceSettings) => ({
  ServiceSettings: [
    {
      DeliveryOssEnabled: false,
      DeliveryOssBucketName: settings.deliveryOssBucketName ?? '',
      DeliveryOssKeyPrefix: settings.deliveryOssKeyPrefix ?? '',
      DeliverySlsEnabled: false,
      DeliverySlsProjectName: settings.deliverySlsProjectName ?? '',
      RdcEnterpriseId: settings.rdcEnterpriseId ?? '',
    },
  ],
})
