import { sql } from 'kysely'
import type { Extension, ExtensionVersion } from '../../core/extension/extension.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import type { VersionContent } from './extension-versions.ts'

export type VersionWithoutContent = Pick<Extension, 'type' | 'description'> &
  Pick<ExtensionVersion, 'extensionId' | 'version' | 'scope' | 'parameters' | 'configurations'> & {
    readonly accountId: AccountId
  }

/** A few versions of any account that predate the column; few, because they contain scripts. */
export async function listVersionsWithoutContent(connection: Connection): Promise<VersionWithoutContent[]> {
  const { rows } = await sql<VersionWithoutContent>`
    select v.account_id as "accountId", v.extension_id as "extensionId", v.version, v.scope, v.parameters, v.configurations,
      e.type, e.description
    from extension_versions v join extensions e on e.id = v.extension_id
    where v.content is null
    order by v.extension_id, v.version
    limit 20
  `.execute(connection)
  return rows
}

/** Skips rows that another server has filled meanwhile, because the content is the same. */
export async function updateMissingContent(
  connection: Connection,
  { accountId, extensionId, version }: Pick<VersionWithoutContent, 'accountId' | 'extensionId' | 'version'>,
  content: VersionContent,
): Promise<void> {
  await sql`
    update extension_versions set
      content = ${content.text}, content_format = ${content.format}, content_sha256 = ${content.sha256},
      content_description = ${content.description}
    where account_id = ${accountId} and extension_id = ${extensionId} and version = ${version} and content is null
  `.execute(connection)
}
