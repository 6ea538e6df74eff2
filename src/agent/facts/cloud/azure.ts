import { type Cloud, type Json, jsonObjectOf, parseObject, textOf } from './metadata.ts'

/** Every Azure machine has this tag, and no other Hyper-V machine does. */
const azureAssetTag = '7783-7084-3265-9085-8269-3286-77'

/** Azure Instance Metadata Service, the compute part. */
export const azure: Cloud = {
  provider: 'azure',
  metadataUrl: 'http://169.254.169.254',
  isHere: ({ chassisAssetTag }) => chassisAssetTag === azureAssetTag,
  async ask({ get }) {
    const compute = parseObject(await get('/metadata/instance/compute?api-version=2021-02-01', { metadata: 'true' }))
    const image = jsonObjectOf(jsonObjectOf(compute, 'storageProfile'), 'imageReference')
    const vmSize = textOf(compute, 'vmSize')
    const location = textOf(compute, 'location')
    const zone = textOf(compute, 'zone')
    return {
      provider: 'azure',
      region: location,
      zone: zone === '' ? '' : `${location}-${zone}`,
      instanceId: textOf(compute, 'vmId'),
      instanceType: vmSize,
      // Standard_D2s_v3 and Standard_D64s_v3 belong to one series: they differ only in the number
      // of CPUs.
      instanceFamily: vmSize.replace(/^([A-Za-z]+_[A-Z]+)[0-9]+(?:-[0-9]+)?/, '$1'),
      imageId:
        textOf(image, 'id') ||
        ['publisher', 'offer', 'sku', 'version']
          .map((part) => textOf(image, part))
          .filter(Boolean)
          .join(':'),
      imageType: imageTypeOf(image, jsonObjectOf(compute, 'plan')),
      networkType: 'vnet',
    }
  },
}

function imageTypeOf(image: Json, plan: Json): string {
  if (textOf(plan, 'name') !== '') return 'marketplace'
  if (textOf(image, 'id') !== '') return 'self'
  return textOf(image, 'publisher') === '' ? '' : 'system'
}
