import { Client, type ClientConfig, escapeIdentifier, escapeLiteral } from 'pg'

export interface DatabaseOwner {
  user: string
  password: string
  database: string
}

/**
 * What a new embedded cluster needs before its first start, one statement a line: our role, which is no superuser
 * (what works embedded then works on a database someone else administers), and its database.
 */
export const embeddedDatabaseSql = ({ user, password, database }: DatabaseOwner): string =>
  [
    `create role ${escapeIdentifier(user)} login createdb password ${escapeLiteral(password)};`,
    `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(user)};`,
    '',
  ].join('\n')

/** Connects and leaves again. Rejects with the driver's error, which has PostgreSQL's code where it answered. */
export async function checkConnection(connection: ClientConfig): Promise<void> {
  const client = new Client(connection)
  // A connection that breaks rejects connect(); the event on top of it has nothing to add.
  client.on('error', () => {})
  try {
    await client.connect()
  } finally {
    await client.end()
  }
}
