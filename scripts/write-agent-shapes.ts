// Writes src/protocol/agent-shapes.ts: what the agent reads messages and its own files with. Run it after a change of their schemas.
import { writeFileSync } from 'node:fs'
import { renderAgentShapes } from '../test/rules/agent-shapes.ts'
import { projectRoot } from '../test/rules/project-files.ts'

writeFileSync(`${projectRoot}src/protocol/agent-shapes.ts`, renderAgentShapes())
