import type { Cloud } from './metadata.ts'

/** Compute Engine metadata, by host name: its address is the same as that of other clouds. */
export const gcp: Cloud = {
  provider: 'gcp',
  metadataUrl: 'http://metadata.google.internal',
  isHere: ({ sysVendor, productName }) => sysVendor === 'Google' || productName.startsWith('Google Compute Engine'),
  async ask({ get, find }) {
    const headers = { 'metadata-flavor': 'Google' }
    const item = async (name: string) => (await find(`/computeMetadata/v1/instance/${name}`, headers))?.trim() ?? ''
    // Queried one by one and as text: an id is a 64-bit number, which JSON.parse would round.
    const [instanceId, zonePath, typePath, imagePath] = await Promise.all([
      get('/computeMetadata/v1/instance/id', headers),
      item('zone'),
      item('machine-type'),
      item('image'),
    ])
    const zone = lastPart(zonePath)
    const instanceType = lastPart(typePath)
    return {
      provider: 'gcp',
      region: zone.replace(/-[a-z]+$/, ''),
      zone,
      instanceId: instanceId.trim(),
      instanceType,
      instanceFamily: instanceType.split('-')[0] ?? '',
      imageId: imagePath,
      imageType: '',
      networkType: 'vpc',
    }
  },
}

/** `projects/123/zones/us-central1-a` → `us-central1-a` */
const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1)
