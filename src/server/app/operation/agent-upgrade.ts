import type { InvocationConfiguration } from '../../../core/execution/invocation.ts'
import { mutationKeyOf } from '../../../core/execution/operation/operations.ts'
import type { AgentUpgradeOperation, AgentUpgradeRequest } from '../../../core/execution/operation.ts'
import { planAgentUpgrade } from '../../../core/execution/plan-agent-upgrade.ts'
import {
  type AgentBundleRef,
  type AgentBundleRefs,
  type AgentPlatform,
  agentPlatforms,
  nameAgentBundle,
  nameAgentProgram,
  systemsOfAgents,
} from '../../../core/instance/agent-program.ts'
import { agentUpgradeTimeoutMs } from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import { type AgentBundles, isUnavailable } from '../agent/agent-bundles.ts'
import { ConfigurationMissing } from '../agent/hand-out-inputs.ts'
import type { Actor } from '../context.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { findSignedAgent } from '../trust/agent-signatures.ts'
import { makeRunConfiguration } from './make-run-configuration.ts'
import type { OperationHandler, PreparedOperation } from './operation-handler.ts'

/** The agents themselves. */
export const agentUpgradeHandler: OperationHandler<AgentUpgradeOperation, AgentUpgradeRequest> = {
  runsCommands: true,
  templates: () => ['Chandler-UpgradeAgents'],
  // The first request after an upgrade of the server builds them.
  makeReady: ({ agentBundles }) => listBundles(agentBundles),
  prepare: prepareAgentUpgrade,
  findTimeouts: () => () => agentUpgradeTimeoutMs,
  describeForAudit: ({ version }) => ({ action: 'upgradeAgent', version }),
  showValues: () => [],
  restate: (_, { kind, connectTimeoutMs }) => ({ kind, connectTimeoutMs }),
  approvedKind: 'agentUpgrade',
  stateWork:
    ({ version, bundles }) =>
    (planned) => {
      const arch = planned.configurationId as AgentPlatform
      const bundle = isWork(planned) ? bundles[arch] : undefined
      return bundle ? [{ kind: 'agentUpgrade', version, arch, ...bundle }] : []
    },
  async handOut(context, operation, { one: { id, executionId, accountId, configurationId } }) {
    const { version, bundles, connectTimeoutMs } = operation
    const arch = configurationId as AgentPlatform
    const bundle = bundles[arch]
    if (bundle === undefined) throw new ConfigurationMissing(`${id}: no agent ${version} for ${configurationId}`)
    const made = makeBundleConfiguration(version, bundle)
    const { sha256, fileName } = made.configuration.artifact
    const signed = await findSignedAgent(context.database, accountId, { version, arch, bundle })
    const wanted = { ...made, ...(signed && { signed }) }
    return {
      id,
      executionId,
      extensionId: mutationKeyOf(operation, executionId, 0),
      extensionName: '',
      action: 'run',
      agentUpgrade: { program: nameAgentProgram(version, bundle), connectTimeoutMs },
      wanted,
      artifactUrl: context.agentBundleUrl(sha256, fileName),
    }
  },
}

async function prepareAgentUpgrade(
  { agentBundles }: PlanContext,
  _: Pick<Actor, 'accountId'>,
  request: AgentUpgradeRequest,
): Promise<PreparedOperation> {
  const { version, bundles } = await listBundles(agentBundles)
  const operation = { ...request, version, bundles }
  return {
    operation,
    content: undefined,
    parts: [{ version: undefined, secret: {} }],
    extensionIds: [],
    plan: (inputs) => ({ planned: inputs.map((input) => planAgentUpgrade(operation, input)), sets: [] }),
  }
}

/** @throws AgentBundleUnavailable if this server provides no agent at all */
async function listBundles(
  agentBundles: AgentBundles,
): Promise<{ readonly version: string; readonly bundles: AgentBundleRefs }> {
  const bundles: { [Platform in AgentPlatform]?: AgentBundleRef } = {}
  let version: string | undefined
  let missing: unknown
  for (const platform of agentPlatforms) {
    try {
      const { os, arch } = systemsOfAgents[platform]
      const bundle = await agentBundles.open(arch, os)
      version = bundle.version
      bundles[platform] = { sha256: bundle.sha256, sizeBytes: bundle.sizeBytes }
    } catch (error) {
      if (!isUnavailable(error)) throw error
      missing ??= error
    }
  }
  if (version === undefined) throw missing
  return { version, bundles }
}

function makeBundleConfiguration(version: string, { sha256, sizeBytes }: AgentBundleRef) {
  const configured = makeRunConfiguration(undefined, { timeoutMs: agentUpgradeTimeoutMs, unpack: true })
  return {
    ...configured,
    configuration: {
      ...configured.configuration,
      artifact: { kind: 'tar', fileName: nameAgentBundle(version), sha256, sizeBytes },
    },
    parameters: {},
    parametersDigest: '0'.repeat(64),
  } satisfies InvocationConfiguration
}
