import { type Cloud, parseObject, textOf } from './metadata.ts'

/** EC2 instance identity document by IMDSv2. */
export const aws: Cloud = {
  provider: 'aws',
  metadataUrl: 'http://169.254.169.254',
  isHere: ({ sysVendor, biosVersion }) => /^Amazon EC2/i.test(sysVendor) || /amazon/i.test(biosVersion),
  async ask({ put, get }) {
    const token = await put('/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' })
    const document = parseObject(
      await get('/latest/dynamic/instance-identity/document', { 'x-aws-ec2-metadata-token': token.trim() }),
    )
    const instanceType = textOf(document, 'instanceType')
    const productCodes = document.marketplaceProductCodes
    return {
      provider: 'aws',
      region: textOf(document, 'region'),
      zone: textOf(document, 'availabilityZone'),
      instanceId: textOf(document, 'instanceId'),
      instanceType,
      instanceFamily: instanceType.split('.')[0] ?? '',
      imageId: textOf(document, 'imageId'),
      imageType: Array.isArray(productCodes) && productCodes.length > 0 ? 'marketplace' : '',
      networkType: 'vpc',
    }
  },
}
