import Box from '@cloudscape-design/components/box'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'

/** The keys that signed a version, and the digest of the signed bytes. */
export function VersionSignatures({ extension, version }: Pick<VersionView, 'extension' | 'version'>) {
  const { extensions } = useTexts()
  const texts = extensions.signatures
  const { data, error, refresh } = useQuery(`extensions/${extension}/versions/${version}/signatures`, (client) =>
    client.extensions.getSignedVersion(extension, version),
  )
  if (error) return <ProblemAlert error={error} onRetry={refresh} />
  if (!data) return null
  const signers = data.signatures.map(({ keyFingerprint, publicKey, namespace, createdBy }) => (
    <div key={`${keyFingerprint} ${namespace}`}>
      <Box variant="code">{keyFingerprint}</Box> {publicKey.split(' ')[0]}
      {namespace === 'chandler-rollback' && ` · ${texts.rollback}`}
      {` · ${texts.addedBy(createdBy)}`}
    </div>
  ))
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: texts.signer, value: signers.length > 0 ? <div>{signers}</div> : texts.none },
        { label: texts.digest, value: <Box variant="code">{data.sha256}</Box> },
      ]}
    />
  )
}
