import type { Cloud } from './metadata.ts'

/** ECS instance metadata, in the hardened mode that every instance allows and some require. */
export const alibaba: Cloud = {
  provider: 'alibaba',
  metadataUrl: 'http://100.100.100.200',
  isHere: ({ sysVendor, productName }) => /^Alibaba Cloud/i.test(sysVendor) || /^Alibaba Cloud ECS/i.test(productName),
  async ask({ put, find, get }) {
    const token = await put('/latest/api/token', { 'x-aliyun-ecs-metadata-token-ttl-seconds': '60' })
    const headers = { 'x-aliyun-ecs-metadata-token': token.trim() }
    const item = async (name: string) => (await find(`/latest/meta-data/${name}`, headers))?.trim() ?? ''
    const [region, zone, instanceId, instanceType, imageId, networkType, productCode] = await Promise.all([
      get('/latest/meta-data/region-id', headers),
      item('zone-id'),
      item('instance-id'),
      item('instance/instance-type'),
      item('image-id'),
      item('network-type'),
      item('image/market-place/product-code'),
    ])
    return {
      provider: 'alibaba',
      region: region.trim(),
      zone,
      instanceId,
      instanceType,
      instanceFamily: instanceType.split('.').slice(0, 2).join('.'),
      imageId,
      imageType: imageTypeOf(imageId, productCode),
      networkType,
    }
  },
}

/**
 * Public images have the name of their file (`aliyun_3_x64_….vhd`). An id such as `m-…` may be a
 * custom or a shared image: the service does not distinguish them, so the fact does not either.
 */
function imageTypeOf(imageId: string, productCode: string): string {
  if (productCode !== '') return 'marketplace'
  return imageId.endsWith('.vhd') ? 'system' : ''
}
