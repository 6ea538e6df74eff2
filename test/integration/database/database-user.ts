import { once } from 'node:events'
import { connect } from 'node:net'
import { inject } from 'vitest'

/**
 * Environment that a test server needs to start its own PostgreSQL: as root, the name of a system
 * user, which exists only for this run (created when the first test requests it). Nothing depends
 * on the users of the machine.
 */
export async function findDatabaseEnvironment(): Promise<Readonly<Record<string, string>>> {
  const name = await askForDatabaseUser()
  return name === undefined ? {} : { CHANDLER_DATABASE_USER: name }
}

/** Undefined when this process is not root: PostgreSQL then runs as the same user. */
export async function askForDatabaseUser(): Promise<string | undefined> {
  const connection = connect(inject('testUserSocket')).setEncoding('utf8')
  let answer = ''
  connection.on('data', (text: string) => {
    answer += text
  })
  await once(connection, 'end')
  const { name, error } = JSON.parse(answer) as { name?: string; error?: string }
  if (error !== undefined) throw new Error(`the temporary user of this run could not be made: ${error}`)
  return name
}
