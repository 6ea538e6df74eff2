import { createHash } from 'node:crypto'
import { builtInRole } from '../../../core/access/built-in-policies.ts'
import { labelFacts } from '../../../core/access/object-labels.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import type { RequestedExtension } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { makeJoinTokenId } from '../../../core/id.ts'
import type { BootProfile } from '../../../core/instance/boot-profile.ts'
import { insertJoinToken, type JoinToken } from '../../../store/instance/join-tokens.ts'
import { authorise, resourceFor } from '../access/authorise.ts'
import { listDecisiveTags } from '../access/object-access.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { authoriseStart } from '../execution/authorise-operation.ts'
import { prepareOperation } from '../operation/operations.ts'
import { type BootSecrets, sealBootSecrets } from './boot-secrets.ts'
import { authoriseRole, lockRole } from './set-instance-role.ts'

/** The request to create a join token. */
export interface JoinTokenRequest {
  /** Absent: unlimited until it expires. */
  readonly uses?: number | undefined
  readonly ttlMs: number
  /** Tags of instances that join with it. */
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly role: string
  /** Tag keys that agents may set. */
  readonly allowedTags: readonly string[]
  /** Whether instances that join with it need an operator's approval. */
  readonly approve: boolean
  /** Extensions that instances get when they join with it, in this order. */
  readonly install?: readonly RequestedExtension[] | undefined
}

/** The stored form of a token: sufficient to verify it, useless to an attacker. */
export const hashJoinToken = (token: string) => createHash('sha256').update(token).digest()

/**
 * Creates a token that lets agents join the actor's account. Only this result contains its text.
 * @throws AccessDenied (labels, a role that the actor may not pass, an extension that it may not
 * install), DecisiveTagAllowed,
 * RoleNotFound, and errors of planning
 */
export async function createJoinToken(
  context: AppContext,
  actor: Actor,
  { uses, ttlMs, tags, resourceGroup, role, allowedTags, approve, install = [] }: JoinTokenRequest,
): Promise<JoinToken & { readonly token: string }> {
  const { database, random, clock } = context
  if (role !== builtInRole.name) authoriseRole(context, actor, role)
  refuseForeignLabels(context, actor, { tags, resourceGroup, allowedTags, startsWork: install.length > 0 })
  const boot = install.length > 0 ? await prepareBoot(context, actor, install) : undefined
  const token = `ct_${Buffer.from(random(32)).toString('base64url')}`
  const made = {
    id: makeJoinTokenId(random),
    accountId: actor.accountId,
    uses,
    expiresAt: new Date(clock.now() + ttlMs),
    tags,
    resourceGroup,
    role,
    allowedTags: [...new Set(allowedTags)],
    approve,
    bootProfile: boot?.profile,
    createdAt: new Date(clock.now()),
  }
  await database.transaction().execute(async (transaction) => {
    await lockRole(transaction, actor, role)
    const bootSecretsSealed = boot ? sealBootSecrets(context.secrets, boot.secrets, made.id) : null
    await insertJoinToken(transaction, { ...made, tokenHash: hashJoinToken(token), bootSecretsSealed })
    await writeAudit(transaction, actor, 'CreateJoinToken', `join-token/${made.id}`, {
      uses,
      ttlMs,
      tags,
      resourceGroup,
      role,
      allowedTags: made.allowedTags,
      approve,
      ...(boot && { install: boot.profile.extensions }),
    })
  })
  return { ...made, usesLeft: uses, revokedAt: undefined, token }
}

/**
 * Instances join with the labels of the token: its creator needs the permission for tokens with
 * these labels, and to start its boot profile on such instances. Agents may set the allowed tags to
 * any value, so that a tag that the creator's permissions depend on cannot be among them.
 * @throws AccessDenied, DecisiveTagAllowed
 */
function refuseForeignLabels(
  context: AppContext,
  actor: Actor,
  {
    allowedTags,
    startsWork,
    ...labels
  }: Pick<JoinTokenRequest, 'tags' | 'resourceGroup' | 'allowedTags'> & { readonly startsWork: boolean },
): void {
  const [tag] = listDecisiveTags(actor, allowedTags)
  if (tag !== undefined) throw chandlerError('DecisiveTagAllowed', { tag, user: actor.name })
  const conditions = labelFacts(labels)
  for (const [action, relative] of [
    ['chandler:CreateJoinToken', 'join-token/*'],
    ...(startsWork ? ([['oos:StartExecution', 'instance/*']] as const) : []),
  ] as const)
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, relative), conditions })
}

/**
 * Validates a profile as an execution of today would be, so that mistakes appear now and not on the
 * first instance that joins. The token's creator needs the permission to start it.
 */
async function prepareBoot(
  context: AppContext,
  actor: Actor,
  install: readonly RequestedExtension[],
): Promise<{ readonly profile: BootProfile; readonly secrets: BootSecrets }> {
  const operation = { kind: 'extensions', action: 'install', extensions: install } as const
  authoriseStart(context, actor, { operation })
  const { parts } = await prepareOperation(context, actor, operation)
  const isSecret = (index: number, name: string) => Object.hasOwn(parts[index]?.secret ?? {}, name)
  const pick = (index: number, values: ParameterValues, secret: boolean): ParameterValues =>
    Object.fromEntries(Object.entries(values).filter(([name]) => isSecret(index, name) === secret))
  return {
    profile: {
      extensions: install.map(({ extension, version, parameters }, index) => ({
        extension,
        ...(version === undefined ? {} : { version }),
        parameters: pick(index, parameters, false),
      })),
    },
    secrets: install.map(({ parameters }, index) => pick(index, parameters, true)),
  }
}
