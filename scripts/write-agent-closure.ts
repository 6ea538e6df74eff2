// Writes docs/agent-closure.md: what the agent's module graph reaches. Run it after giving the agent a new import.
import { writeFileSync } from 'node:fs'
import { findAgentClosure, renderClosure } from '../test/rules/agent-closure.ts'
import { projectRoot } from '../test/rules/project-files.ts'

const closure = findAgentClosure()
writeFileSync(`${projectRoot}docs/agent-closure.md`, renderClosure(closure))
console.log(
  `docs/agent-closure.md: ${closure.files.length} files, ${closure.builtins.length} built-in modules, ${closure.packages.length} packages`,
)
