/** A process of its own: building takes seconds of a whole core and 300 MB, which a server has better uses for. Argument: the stamp. */
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.ts'

await buildConsole(fileURLToPath(new URL('../../..', import.meta.url)), process.argv[2] ?? '')
