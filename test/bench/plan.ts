import { createDemo } from './demo-extension.ts'
import { budget, round } from './figures.ts'
import type { System } from './system.ts'

/** A plan for all instances, from the request to the last byte of the last page. */
export async function measurePlan(system: System, targets: number) {
  const name = `plan-${Date.now()}`
  await createDemo(system.client, { name })
  const from = performance.now()
  const plan = await system.client.executions.plan({ action: 'install', extension: name, targets: { kind: 'all' } })
  let count = plan.targets.length
  for (let page: { nextToken?: string | undefined } = plan; page.nextToken !== undefined; ) {
    const next = await system.client.executions.listPlanTargets(plan.id, page)
    count += next.items.length
    page = next
  }
  const seconds = (performance.now() - from) / 1000
  if (count < targets) throw new Error(`the plan has ${count} targets, not ${targets}`)
  return {
    bench: 'plan',
    targets: count,
    seconds: round(seconds, 3),
    ...budget('10,000 targets: ≤ 1 s', seconds <= 1),
  }
}
