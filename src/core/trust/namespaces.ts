/**
 * The purposes of signatures, as `ssh-keygen -Y sign -n NAMESPACE` takes them: a signature for one
 * purpose is none for another.
 *
 * - `chandler-version`: a publisher signs a version
 * - `chandler-rollback`: a publisher allows that a version replaces a newer one
 * - `chandler-agent`: the release key signs an agent
 * - `chandler-trust`: root keys sign a trust file
 * - `chandler-plan`: approvers sign the plan of an execution
 */
export const signatureNamespaces = [
  'chandler-version',
  'chandler-rollback',
  'chandler-agent',
  'chandler-trust',
  'chandler-plan',
] as const
export type SignatureNamespace = (typeof signatureNamespaces)[number]
