// The agent as one executable: scripts/release/compile-agent.ts compiles it from the sources.
const { runProgram } = await import('../src/agent/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
