export const executions = {}
