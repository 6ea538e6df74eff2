import {
  coverageSchema,
  createdVersionSchema,
  type ExtensionInput,
  type ExtensionPatch,
  extensionSchema,
  extensionVersionSchema,
  lintSchema,
  promotionSchema,
  type VersionInput,
} from '../protocol/api/extensions.ts'
import { pageOf } from '../protocol/api/page.ts'
import { signedVersionSchema } from '../protocol/api/trust.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

const extensionPage = pageOf(extensionSchema)
const versionPage = pageOf(extensionVersionSchema)

/** Extensions and their versions. A version is written `v3`. */
export const createExtensionsClient = (transport: Transport) => ({
  list: (query: PageQuery = {}) => transport.request('GET', '/extensions', extensionPage, { query: { ...query } }),
  get: (name: string) => transport.request('GET', pathOf`/extensions/${name}`, extensionSchema),
  exists: (name: string) => transport.exists(pathOf`/extensions/${name}`),
  create: (body: ExtensionInput) => transport.request('POST', '/extensions', createdVersionSchema, { body }),
  /** Validates a draft of an extension, complete or not. */
  lint: (body: object) => transport.request('POST', '/extensions/lint', lintSchema, { body }),
  /** Number of instances per version. */
  getCoverage: (name: string) => transport.request('GET', pathOf`/extensions/${name}/coverage`, coverageSchema),
  /** `tags` replaces all tags; absent fields do not change. */
  patch: (name: string, body: ExtensionPatch) =>
    transport.request('PATCH', pathOf`/extensions/${name}`, extensionSchema, { body }),
  /** `force`: also while instances have it or executions use it. */
  delete: (name: string, { force = false } = {}) =>
    transport.send('DELETE', pathOf`/extensions/${name}`, { query: { force } }),

  listVersions: (name: string, query: PageQuery = {}) =>
    transport.request('GET', pathOf`/extensions/${name}/versions`, versionPage, { query: { ...query } }),
  getVersion: (name: string, version: string) =>
    transport.request('GET', pathOf`/extensions/${name}/versions/${version}`, extensionVersionSchema),
  /** Points a channel to a version. */
  promote: (name: string, channel: string, version: string) =>
    transport.request('PUT', pathOf`/extensions/${name}/channels/${channel}`, promotionSchema, { body: { version } }),
  deleteChannel: (name: string, channel: string) =>
    transport.send('DELETE', pathOf`/extensions/${name}/channels/${channel}`),
  /** The canonical bytes of a version, and the signatures over them. */
  getSignedVersion: (name: string, version: string) =>
    transport.request('GET', pathOf`/extensions/${name}/versions/${version}/signatures`, signedVersionSchema),
  /** @param signature as `ssh-keygen -Y sign` makes it */
  addSignature: (name: string, version: string, signature: string) =>
    transport.request('POST', pathOf`/extensions/${name}/versions/${version}/signatures`, signedVersionSchema, {
      body: { signature },
    }),
  createVersion: (name: string, body: VersionInput) =>
    transport.request('POST', pathOf`/extensions/${name}/versions`, createdVersionSchema, { body }),
  deleteVersion: (name: string, version: string, { force = false } = {}) =>
    transport.send('DELETE', pathOf`/extensions/${name}/versions/${version}`, { query: { force } }),
  deprecateVersion: (name: string, version: string) =>
    transport.send('POST', pathOf`/extensions/${name}/versions/${version}/deprecate`),
  undeprecateVersion: (name: string, version: string) =>
    transport.send('POST', pathOf`/extensions/${name}/versions/${version}/undeprecate`),
})
