import type { SignedSubject, StatementFault, TrustRefusalArguments, TrustRoleName } from '../trust/trust-refusal.ts'
import type { ReasonCatalogue } from './render-reason.ts'

/** Why an instance with a trust file refuses something, in English. */
export const englishTrustReasons: Pick<ReasonCatalogue, keyof TrustRefusalArguments> = {
  TrustFileMissing: ({ path }) => `The trust file ${path} is missing: the instance runs nothing until it is back.`,
  TrustFileUnreadable: ({ path, error }) =>
    `The trust file ${path} cannot be used, and the instance runs nothing until it is replaced: ${error}.`,
  TrustFileExpired: ({ trustVersion, expired }) =>
    `Version ${trustVersion} of the trust file expired at ${expired}: the instance runs nothing until a newer one is signed by its root keys.`,
  SignaturesMissing: ({ subject, name, role, valid, threshold, keys, others }) =>
    unsignable[subject] ??
    `${nameSubject[subject]?.(name)} needs ${threshold} ${threshold === 1 ? 'signature' : 'signatures'} of ${roleNames[role]}${keys.length > 0 ? ` (${keys.join(', ')})` : ', and the trust file names no key for it'}; it has ${valid}.${others.length > 0 ? ` Signatures by other keys do not count: ${others.join(', ')}.` : ''}`,
  StatementInvalid: ({ name, error }) => `The signed bytes of ${name} cannot be used: ${error}.`,
  SignedPartDiffers: ({ name, part, which }) =>
    `${name} was changed after it was signed: ${nameParts[part]?.(which)} differs.`,
  NotForInstance: ({ name, requested, own, platform }) =>
    own === ''
      ? `${name} has no configuration for this instance (${platform}), or its scope excludes it; the server requested ${requested}.`
      : `The server requested configuration ${requested} of ${name}; the one for this instance (${platform}) is ${own}.`,
  OptionNotSigned: ({ name, option }) =>
    `The option ${option} is not part of what the publisher of ${name} signed${option === 'allowRemovals' ? '; a version can declare it' : ''}.`,
  ParameterNotSigned: ({ name, parameter, problem }) =>
    `The parameter ${parameter} does not fit what the publisher of ${name} signed: it ${problem}.`,
  InstalledNotSigned: ({ name }) =>
    `${name} was installed without a signature, so its scripts do not run. Sign this version on the server; its scripts then have to be the signed ones.`,
  PlanExpired: ({ executionId, expired }) =>
    `The signed plan of ${executionId} expired at ${expired}: start the execution again and have it signed.`,
  PlanDiffers: ({ executionId, part }) =>
    `What approvers signed for ${executionId} ${planParts[part] ?? `has another value of ${part}`}.`,
  PlanUsed: ({ executionId, invocationId }) =>
    `The signatures for ${executionId} were used by ${invocationId}, which succeeded or has not ended; doing it again needs new signatures.`,
  JournalledUnchecked: () => 'The instance received the task before it had a trust file, and did not start it.',
}

const nameParts: { readonly [Part in StatementFault['part']]?: (which: string) => string } = {
  extension: (which) => `the extension ${which}`,
  configuration: (which) => `configuration ${which}`,
  script: (which) => `the ${which} script`,
  check: (which) => `the script of check ${which}`,
}

const planParts: Readonly<Record<string, string>> = {
  execution: 'is the plan of another execution',
  instance: 'does not include this instance',
  work: 'does not include this work',
}

const roleNames: Record<TrustRoleName, string> = {
  publisher: 'a publisher',
  release: 'the release key',
  approver: 'an approver',
  root: 'a root key',
}

/** What no publisher signs: an instance whose trust file has no approvers never runs it. */
const unsignable: { readonly [Subject in SignedSubject]?: string } = {
  command:
    'Commands have no signatures of a publisher, and the trust file of the instance has no approvers who could sign them. Put the command into a version of an extension and sign that, or add approvers to the trust file.',
  osPackages:
    'Changes of OS packages have no signatures of a publisher, and the trust file of the instance has no approvers who could sign them. Put the change into a version of an extension and sign that, or add approvers to the trust file.',
}

const nameSubject: { readonly [Subject in SignedSubject]?: (name: string) => string } = {
  version: (name) => name,
  rollback: (name) => `${name} is older than a version that the instance has had; the consent to go back`,
  agent: (name) => `Agent ${name}`,
  agentRollback: (name) => `Agent ${name} is older than the one that runs; the consent to go back`,
  plan: (name) => `The plan of ${name}`,
}
