import type { ServiceSettings } from '../../../app/overview/service-settings.ts'

/** OOS returns them as a list of one. Unset values are empty. */
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
