import fc from 'fast-check'
import { findBrokenRun } from './find-broken-run.ts'
import { scenarioArbitrary } from './scenario.ts'
import { simulate } from './simulate.ts'

// npm run sim -- <seed> [runs]: plays the scenarios of seed, seed + 1, …; shrinks the first that
// breaks a rule and prints it with its trace. A single run always prints its trace.

const usage = 'npm run sim -- <seed> [runs], two whole numbers; 1,000 runs if not said otherwise'
const [seedText = '', runsText = '1000'] = process.argv.slice(2)
const [seed, runs] = [Number(seedText), Number(runsText)]

if (!/^\d+$/.test(seedText) || !/^\d+$/.test(runsText) || seed + runs > 2 ** 31) {
  console.error(usage)
  process.exit(2)
}

const startedAt = performance.now()
for (let run = 0; run < runs; run += 1) {
  const broken = findBrokenRun(seed + run)
  if (broken) {
    console.log(`Seed ${broken.seed} breaks a rule. The smallest scenario found:\n`)
    console.log(`${JSON.stringify(broken.scenario, undefined, 2)}\n\n${broken.result.trace.join('\n')}\n`)
    console.log(`See it again with: npm run sim -- ${broken.seed} 1`)
    process.exit(1)
  }
}
if (runs === 1) {
  const [scenario] = fc.sample(scenarioArbitrary, { seed, numRuns: 1 })
  if (scenario) console.log(simulate(scenario).trace.join('\n'))
}
console.log(
  `seeds ${seed} to ${seed + runs - 1}: ${runs} runs in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, every rule held`,
)
