import { sql } from 'kysely'
import type { TypedConfiguration } from '../../core/execution/invocation.ts'
import type { Configuration, ParameterDeclarations, ParameterValues } from '../../core/extension/extension.ts'
import { listParameterTypes } from '../../core/extension/parameter.ts'
import type { ExecutionId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export const configurationKey = (extensionId: string, version: number, configurationId: string) =>
  `${extensionId} ${version} ${configurationId}`

/** Configurations of some versions, by their configuration keys. */
export async function listConfigurations(
  connection: Connection,
  versions: readonly { readonly extensionId: ExtensionId; readonly version: number }[],
): Promise<Map<string, TypedConfiguration>> {
  if (versions.length === 0) return new Map()
  const { rows } = await sql<{
    extensionId: ExtensionId
    version: number
    configurations: Configuration[]
    parameters: ParameterDeclarations
  }>`
    select extension_id as "extensionId", version, configurations, parameters
    from extension_versions
    where (extension_id, version) in (
      select distinct * from unnest(${versions.map((one) => one.extensionId)}::text[], ${versions.map((one) => one.version)}::int[])
    )
  `.execute(connection)
  return new Map(
    rows.flatMap(({ extensionId, version, configurations, parameters }) => {
      const parameterTypes = listParameterTypes(parameters)
      return configurations.map(
        (configuration) =>
          [configurationKey(extensionId, version, configuration.id), { ...configuration, parameterTypes }] as const,
      )
    }),
  )
}

export interface InstalledConfigurationRow {
  readonly instance_id: InstanceId
  readonly extension_id: ExtensionId
  readonly version: number
  readonly configuration_id: string
  readonly parameters: ParameterValues
  readonly parameters_digest: string
  readonly content_digest: string | null
  readonly secret_parameters_sealed: Buffer | null
  readonly execution_id: ExecutionId
}

/**
 * The configurations of installed extensions with their installed values, which an uninstall needs.
 */
export async function listInstalledConfigurations(
  connection: Connection,
  wanted: readonly { readonly instanceId: InstanceId; readonly extensionId: ExtensionId }[],
): Promise<InstalledConfigurationRow[]> {
  const { rows } = await sql<InstalledConfigurationRow>`
    select s.instance_id, s.extension_id, s.version, s.configuration_id, s.parameters, s.parameters_digest, s.content_digest,
      s.secret_parameters_sealed, s.execution_id
    from unnest(${wanted.map((one) => one.instanceId)}::text[], ${wanted.map((one) => one.extensionId)}::text[])
      as w (instance_id, extension_id)
    join installed_states s using (instance_id, extension_id)
  `.execute(connection)
  return rows
}
