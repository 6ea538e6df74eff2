import type { Client } from '../../src/client/client.ts'
import { measureList } from './lists.ts'
import type { System } from './system.ts'

/** Instances with the tag that hardly any has. */
const few = 10

const ofTag = (key: string, value: string) => ({ StringEquals: { [`acs:ResourceTag/${key}`]: value } })
const allowed = (condition: object | undefined, resource = '*') => ({
  Effect: 'Allow',
  Action: ['ecs:*', 'oos:*'],
  Resource: resource,
  ...(condition && { Condition: condition }),
})

/** The overview contains the extensions of the account. */
const templates = { Effect: 'Allow', Action: 'oos:*Template*', Resource: 'acs:oos:*:*:template/*' }

/** Users by what their policies permit: the number of instances is of the fleet of `measureLists`. */
const users: Readonly<Record<string, readonly object[]>> = {
  'tag, 10,000 of 100,000': [allowed(ofTag('env', 'test'))],
  'tag, 500': [allowed(ofTag('rack', 'r10'))],
  'tag, 10': [allowed(ofTag('team', 'few'))],
  'tag, none': [allowed(ofTag('team', 'nobody'))],
  'pattern of tag, 11,000': [allowed({ StringLike: { 'acs:ResourceTag/rack': 'r1?' } })],
  'group, 2,000': [allowed({ StringEquals: { 'acs:ResourceGroup': 'group-7' } })],
  'name, 100': [
    allowed(undefined, 'acs:*:*:*:instance/i-old00000000500*'),
    allowed(undefined, 'acs:oos:*:*:execution/*'),
  ],
  'all but 90,000': [allowed(undefined), { ...allowed(ofTag('env', 'prod')), Effect: 'Deny' }],
}

const paths: Readonly<Record<string, string>> = {
  instances: '/instances',
  'instances, count': '/instances?maxResults=200&count=true',
  'instances by when they were seen': '/instances?sort=-lastSeen&count=true',
  'values of a property': '/instances/values?property=os',
  executions: '/executions',
  overview: '/overview',
}

/** Lists of users who may see a part of the fleet, after `measureLists` has filled the database. */
export async function* measureNarrowLists(system: System) {
  const database = await system.connectDatabase()
  await database.query(
    `update instances set tags = tags || '{"team":"few"}' where id in (select id from instances order by md5(id) limit $1)`,
    [few],
  )
  await database.query('vacuum analyze instances')
  await database.end()
  for (const [index, [who, statements]] of Object.entries(users).entries()) {
    const authorization = await makeNarrowUser(system.client, `narrow-${index}`, statements)
    for (const [list, path] of Object.entries(paths))
      yield await measureList({ ...system, authorization }, `${list}; user by ${who}`, path)
  }
}

async function makeNarrowUser(client: Client, name: string, statements: readonly object[]): Promise<string> {
  await client.users.create({ name })
  await client.policies.create({ name, document: { Version: '1', Statement: [...statements, templates] } })
  await client.users.attach(name, name)
  const { id, secret } = await client.accessKeys.create({ userName: name })
  return `Basic ${btoa(`${id}:${secret}`)}`
}
