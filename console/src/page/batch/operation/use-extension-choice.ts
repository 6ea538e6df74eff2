import type { ClientError } from '../../../../../src/client/client-error.ts'
import type { ExtensionView, VersionView } from '../../../../../src/protocol/api/extensions.ts'
import { loadAll } from '../../../data/load-all.ts'
import { type QueryResult, useQuery } from '../../../data/use-query.ts'
import type { BatchPageState } from '../batch-state.ts'
import { type ChosenVersion, chooseVersion } from './choose-version.ts'

export interface ExtensionChoice {
  readonly extensions: QueryResult<readonly ExtensionView[]>
  /** Of the extension that is chosen; absent while they are not known. */
  readonly versions: readonly VersionView[] | undefined
  readonly isLoadingVersions: boolean
  /** Such as that there is no such extension. */
  readonly error: ClientError | undefined
  readonly chosen: ChosenVersion | undefined
}

/** The extensions there are, the versions of the one that is chosen, and which of them is meant. */
export function useExtensionChoice({
  extension,
  version,
}: Pick<BatchPageState, 'extension' | 'version'>): ExtensionChoice {
  const extensions = useQuery('extensions?all', (client) => loadAll(client.extensions.list))
  const found = useQuery(extension === '' ? undefined : `extensions/${extension}/versions?all`, (client) =>
    loadAll((page) => client.extensions.listVersions(extension, page)),
  )
  // The versions of the extension that was chosen before say nothing about this one.
  const versions = found.isOld || found.error || extension === '' ? undefined : found.data
  return {
    extensions,
    versions,
    isLoadingVersions: found.isLoading,
    error: extension === '' ? undefined : found.error,
    chosen: versions && chooseVersion(versions, version),
  }
}
