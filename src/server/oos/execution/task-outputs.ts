import type { TaskRow } from '../../app/read-executions.ts'
import type { OutputTail } from '../../app/read-output-tails.ts'
import type { TemplateOutput } from '../public-template.ts'
import { type Origin, templateOf } from './origin.ts'

/** What one instance gave: what its script printed last, and what the output script did. What is cut is said in front. */
function readTaskOutputs(
  task: TaskRow,
  tail: OutputTail | undefined,
): Readonly<Record<TemplateOutput['field'], string>> {
  const { text = '', cutBytes = 0 } = tail ?? {}
  return {
    commandOutput: cutBytes > 0 ? `[${cutBytes} bytes before this are cut]\n${text}` : text,
    configurationOutput: task.output ?? '',
  }
}

/** Of one task, in the shape of the outputs of its template (reference §4.1, §4.4). */
export function showTaskOutputs(
  origin: Origin,
  task: TaskRow,
  tail: OutputTail | undefined,
): Readonly<Record<string, unknown>> {
  const given = readTaskOutputs(task, tail)
  const { outputs } = templateOf(origin).loopTask
  return Object.fromEntries(outputs.map(({ field }) => [field, shapeOutput(origin, task, given[field])]))
}

/** Of all tasks of an execution. */
export function showOutputs(
  origin: Origin,
  tasks: readonly TaskRow[],
  tails: ReadonlyMap<number, OutputTail>,
): Readonly<Record<string, unknown>> {
  const { outputs } = templateOf(origin).loopTask
  return Object.fromEntries(
    outputs.map(({ name, field }) => [
      name,
      tasks.map((task) => shapeOutput(origin, task, readTaskOutputs(task, tails.get(task.ordinal))[field])),
    ]),
  )
}

function shapeOutput({ templateName, parameters, aliases }: Origin, task: TaskRow, output: string): unknown {
  const InstanceId = aliases[task.instance_id] ?? task.instance_id
  switch (templateName) {
    case 'ACS-ECS-BulkyConfigureOOSPackage':
      return { InstanceId, ConfigureResult: output }
    case 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL':
      return { InstanceId, InstanceResult: [{ Package: parameters.packageName, PackageResult: output }] }
    case 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL':
      return { InstanceId, InstanceResult: [{ Package: showPackages(parameters.packageInfo), PackageResult: output }] }
    default:
      return output
  }
}

/** One task installs several in order, and what they printed is one text. */
const showPackages = (packageInfo: unknown) =>
  Array.isArray(packageInfo) ? packageInfo.map((one: { packageName?: string }) => one.packageName).join(',') : ''
