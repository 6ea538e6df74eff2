import type { Operation, OperationKind, OperationOf, OperationPart } from '../../../core/execution/operation.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import type { TemplateValues } from './read-template-values.ts'

/**
 * The public template that starts one kind of operation. A method, so that one kind's entry fits
 * the table of all kinds.
 */
interface OperationTemplate<Shown extends Operation = Operation> {
  readonly templateName: string
  /** The values of the template's parameters that follow from the operation. */
  parameters(operation: Shown): TemplateValues
}

const templates = {
  extension: {
    templateName: 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL',
    parameters: (operation) => ({ action: operation.action, ...showPart(operation) }),
  },
  extensions: {
    templateName: 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
    parameters: ({ action, parts }) => ({ action, packageInfo: parts.map(showPart) }),
  },
  command: {
    templateName: 'ACS-ECS-BulkyRunCommand',
    parameters: ({ type, timeoutMs, workDir = '', runAs = '' }) => ({
      commandType: type,
      timeout: timeoutMs / 1000,
      workingDir: workDir,
      username: runAs,
    }),
  },
  osPackage: {
    templateName: 'ACS-ECS-ConfigurePackage',
    parameters: ({ action, installer, names }) => ({ action, installer, packageName: names.join(' ') }),
  },
  // Not a template of OOS, which upgrades its agents itself: executions are shown under this name.
  agentUpgrade: { templateName: 'Chandler-UpgradeAgents', parameters: ({ version }) => ({ version }) },
  // Not a template of OOS either.
  rollback: {
    templateName: 'Chandler-RollbackExecution',
    parameters: ({ executionId }) => ({ executionId }),
  },
} satisfies { readonly [Kind in OperationKind]: OperationTemplate<OperationOf<Kind>> }

const showPart = ({ extensionName, version, parameters }: OperationPart) => ({
  packageName: extensionName,
  packageVersion: version === 0 ? '' : showVersion(version),
  parameters,
})

/**
 * An operation that was not started through OOS, as the template and the values that would have
 * started it.
 */
export function restateAsTemplate(operation: Operation): {
  readonly templateName: string
  readonly parameters: TemplateValues
} {
  const template: OperationTemplate = templates[operation.kind]
  return { templateName: template.templateName, parameters: template.parameters(operation) }
}

/** The kinds of operation whose public template is one of these. */
export const kindsOfTemplates = (names: readonly string[]): OperationKind[] =>
  (Object.keys(templates) as OperationKind[]).filter((kind) => names.includes(templates[kind].templateName))
