import type { ClientError } from '../../../../../src/client/client-error.ts'
import type { ExtensionView, VersionView } from '../../../../../src/protocol/api/extensions.ts'
import { loadAll } from '../../../data/load-all.ts'
import { type QueryResult, useQuery } from '../../../data/use-query.ts'
import type { BatchPageState } from '../batch-state.ts'
import { type ChosenVersion, chooseVersion } from './choose-version.ts'

export interface ExtensionChoice {
  readonly extensions: QueryResult<readonly ExtensionView[]>
  /** Versions of the chosen extension; undefined while unknown. */
  readonly versions: readonly VersionView[] | undefined
  readonly isLoadingVersions: boolean
  /** For example: the extension does not exist. */
  readonly error: ClientError | undefined
  readonly chosen: ChosenVersion | undefined
}

/** Available extensions, versions of the chosen one, and the selected version. */
export function useExtensionChoice({
  extension,
  version,
}: Pick<BatchPageState, 'extension' | 'version'>): ExtensionChoice {
  const extensions = useQuery('extensions?all', (client) => loadAll(client.extensions.list))
  const found = useQuery(extension === '' ? undefined : `extensions/${extension}/versions?all`, (client) =>
    loadAll((page) => client.extensions.listVersions(extension, page)),
  )
  // Versions of the previous extension do not apply.
  const versions = found.isOld || found.error || extension === '' ? undefined : found.data
  return {
    extensions,
    versions,
    isLoadingVersions: found.isLoading,
    error: extension === '' ? undefined : found.error,
    chosen: versions && chooseVersion(versions, version),
  }
}
