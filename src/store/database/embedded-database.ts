import { Client, type ClientConfig, escapeIdentifier, escapeLiteral } from 'pg'

/** The role and the database of the embedded cluster. */
export interface DatabaseOwner {
  user: string
  password: string
  database: string
}

/**
 * The statements for a new embedded cluster, one per line: our role, which is not a superuser (so
 * that the server also works on a database that someone else administers), and its database.
 */
export const embeddedDatabaseSql = ({ user, password, database }: DatabaseOwner): string =>
  [
    `create role ${escapeIdentifier(user)} login createdb password ${escapeLiteral(password)};`,
    `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(user)};`,
    '',
  ].join('\n')

/**
 * Connects and disconnects. Rejects with the driver's error, which contains PostgreSQL's code if it
 * responded.
 */
export async function checkConnection(connection: ClientConfig): Promise<void> {
  const client = new Client(connection)
  // A broken connection rejects connect(); without a listener the additional event would end the
  // process.
  client.on('error', () => {})
  try {
    await client.connect()
  } finally {
    await client.end()
  }
}
