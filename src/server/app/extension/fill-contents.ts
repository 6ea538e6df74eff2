import { listVersionsWithoutContent, updateMissingContent } from '../../../store/extension/content-gaps.ts'
import type { AppContext } from '../context.ts'
import { makeContent } from './make-content.ts'

/**
 * Renders the content of versions that predate contents. Runs at the start of a server; servers may
 * start together.
 */
export async function fillContents({ database, log }: Pick<AppContext, 'database' | 'log'>): Promise<void> {
  let count = 0
  for (;;) {
    const versions = await listVersionsWithoutContent(database)
    if (versions.length === 0) break
    for (const version of versions) await updateMissingContent(database, version, makeContent(undefined, version))
    count += versions.length
  }
  if (count > 0) log.info('versions were rendered as contents of templates', { count })
}
