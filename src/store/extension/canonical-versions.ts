import { sql } from 'kysely'
import type { AccountId, ExtensionId } from '../../core/id.ts'
import type { StatedVersion } from '../../core/trust/version-statement.ts'
import type { Connection } from '../database/database.ts'

/** A version with the bytes that its publisher signs. */
export interface CanonicalVersionRow extends StatedVersion {
  readonly extensionId: ExtensionId
  readonly accountId: AccountId
  /** Null: the version predates canonical bytes. */
  readonly canonical: string | null
}

export async function listCanonicalVersions(
  connection: Connection,
  versions: readonly { readonly extensionId: ExtensionId; readonly version: number }[],
): Promise<CanonicalVersionRow[]> {
  if (versions.length === 0) return []
  const { rows } = await sql<CanonicalVersionRow>`
    select v.extension_id as "extensionId", v.account_id as "accountId", e.name as "extensionName", e.type, v.version,
      v.version_description as "versionDescription", v.scope, v.parameters, v.configurations, v.canonical
    from extension_versions v join extensions e on e.id = v.extension_id
    where (v.extension_id, v.version) in (
      select distinct * from unnest(${versions.map((one) => one.extensionId)}::text[], ${versions.map((one) => one.version)}::int[])
    )
  `.execute(connection)
  return rows
}

/** Only what is signed has to stay as it is, byte for byte. */
export async function fillCanonical(
  connection: Connection,
  accountId: AccountId,
  { extensionId, version, canonical }: Pick<CanonicalVersionRow, 'extensionId' | 'version'> & { canonical: string },
): Promise<void> {
  await sql`
    update extension_versions set canonical = coalesce(canonical, ${canonical})
    where account_id = ${accountId} and extension_id = ${extensionId} and version = ${version}
  `.execute(connection)
}

/** The canonical bytes of the versions that have signatures, with these. */
export interface SignedVersionRow {
  readonly extensionId: ExtensionId
  readonly version: number
  readonly canonical: string
  readonly signatures: readonly string[]
}

export async function listSignedVersions(
  connection: Connection,
  versions: readonly { readonly extensionId: ExtensionId; readonly version: number }[],
): Promise<SignedVersionRow[]> {
  if (versions.length === 0) return []
  const { rows } = await sql<SignedVersionRow>`
    select v.extension_id as "extensionId", v.version, v.canonical, array_agg(s.signature order by s.created_at) as signatures
    from extension_versions v
    join signatures s on s.account_id = v.account_id
      and s.subject_sha256 = encode(sha256(convert_to(v.canonical, 'UTF8')), 'hex')
    where (v.extension_id, v.version) in (
      select distinct * from unnest(${versions.map((one) => one.extensionId)}::text[], ${versions.map((one) => one.version)}::int[])
    )
    group by v.extension_id, v.version
  `.execute(connection)
  return rows
}
