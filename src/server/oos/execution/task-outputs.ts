import type { TaskRow } from '../../app/execution/read-executions.ts'
import type { OutputTail, TaskTails } from '../../app/output/read-output-tails.ts'
import type { TemplateOutput } from '../public-template/public-template.ts'
import { type Origin, templateOf } from './origin.ts'

type Field = TemplateOutput['field']

const showTail = ({ text, cutBytes }: OutputTail) =>
  cutBytes > 0 ? `[${cutBytes} bytes before this are cut]\n${text}` : text

/** The output of one instance: the last output of its script, or that of the output script. */
const readOutput = (task: TaskRow, tails: TaskTails | undefined, field: Field): string =>
  field === 'configurationOutput' ? (task.output ?? '') : tails ? showTail(tails.whole) : ''

/** The outputs of one task, in the shape of its template's outputs (reference §4.1, §4.4). */
export function showTaskOutputs(
  origin: Origin,
  task: TaskRow,
  tails: TaskTails | undefined,
): Readonly<Record<string, unknown>> {
  const { outputs } = templateOf(origin).loopTask
  return Object.fromEntries(outputs.map(({ field }) => [field, shapeOutput(origin, task, tails, field)]))
}

/** The outputs of all tasks of an execution. */
export function showOutputs(
  origin: Origin,
  tasks: readonly TaskRow[],
  tails: ReadonlyMap<number, TaskTails>,
): Readonly<Record<string, unknown>> {
  const { outputs } = templateOf(origin).loopTask
  return Object.fromEntries(
    outputs.map(({ name, field }) => [
      name,
      tasks.map((task) => shapeOutput(origin, task, tails.get(task.ordinal), field)),
    ]),
  )
}

function shapeOutput(
  { templateName, parameters, aliases }: Origin,
  task: TaskRow,
  tails: TaskTails | undefined,
  field: Field,
): unknown {
  const InstanceId = aliases[task.instance_id] ?? task.instance_id
  const output = readOutput(task, tails, field)
  switch (templateName) {
    case 'ACS-ECS-BulkyConfigureOOSPackage':
      return { InstanceId, ConfigureResult: output }
    case 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL':
      return { InstanceId, InstanceResult: [{ Package: parameters.packageName, PackageResult: output }] }
    case 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL':
      return { InstanceId, InstanceResult: showPackages(parameters.packageInfo, tails, field) }
    default:
      return output
  }
}

/** Each package with its own output; a package that the instance did not get has none. */
function showPackages(packageInfo: unknown, tails: TaskTails | undefined, field: Field) {
  const packages: readonly { readonly packageName?: string }[] = Array.isArray(packageInfo) ? packageInfo : []
  return packages.map(({ packageName }, index) => {
    const part = tails?.parts.get(index)
    const output = field === 'configurationOutput' ? part?.output : part && showTail(part)
    return { Package: packageName, PackageResult: output ?? '' }
  })
}
