import { makeVersionStatement, type StatedVersion } from '../../../core/trust/version-statement.ts'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import { sha256Of } from '../../../lib/digest.ts'

/** The canonical bytes of a version, as text. */
export const renderCanonicalVersion = (version: StatedVersion): string =>
  canonicalJson(makeVersionStatement(version, sha256Of))
