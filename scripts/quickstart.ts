// Shows Chandler working on this machine alone: `npm run quickstart`. A server with its own PostgreSQL, three instances (agents in folders of
// their own; no root needed), and an extension that is created, planned, installed in batches, asked, and removed again.
// Options: --exit ends it where a terminal would keep it up; --dir DIR instead of .quickstart.
import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient } from '../src/client/client.ts'
import { createProcesses, type Processes } from './quickstart-processes.ts'
import { createTemporaryUser, type TemporaryUser } from './temporary-user.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const program = join(project, 'bin/chandler.mjs')
const { values: options } = parseArgs({ options: { exit: { type: 'boolean' }, dir: { type: 'string' } } })
const folder = resolve(options.dir ?? join(project, '.quickstart'))
const staysUp = process.stdout.isTTY === true && !options.exit
const instances = ['web-1', 'web-2', 'web-3']
/** A slow machine that makes a database for the first time. */
const patienceMs = 60_000

/** For the server's PostgreSQL, if this is root; removed at the end. */
let databaseUser: TemporaryUser | undefined

const heading = (text: string) => console.log(process.stdout.isTTY ? `\n\u001b[1m${text}\u001b[22m` : `\n${text}`)
const commandLine = (args: readonly string[]) =>
  `$ chandler ${args.map((arg) => (/[\s*]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`

/** A folder of an earlier run is emptied; one that holds anything else is not touched. */
async function prepareFolder(processes: Processes): Promise<void> {
  const marker = join(folder, 'quickstart.json')
  const found = await readdir(folder).catch((): string[] => [])
  if (found.length > 0 && !found.includes('quickstart.json')) {
    throw new Error(`${folder} contains files that the quickstart did not create; use another folder with --dir`)
  }
  await processes.endEarlier(marker)
  await stopServices()
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await processes.recordIn(marker)
}

/** The services outlive the agents that started them, as they should; here they end with us. */
async function stopServices(): Promise<void> {
  const services = join(folder, 'services')
  for (const instance of await readdir(services).catch((): string[] => [])) {
    const control = join(services, instance, 'demo-service/app/democtl')
    if (await stat(control).catch(() => undefined)) await createProcesses().run(control, ['stop'], { quiet: true })
  }
}

async function quickstart(processes: Processes): Promise<void> {
  await prepareFolder(processes)
  databaseUser = await createTemporaryUser()
  console.log(`All files of the quickstart are in ${folder}.`)

  heading('A server with an embedded PostgreSQL')
  const key = {
    CHANDLER_ACCESS_KEY_ID: 'quickstart',
    CHANDLER_ACCESS_KEY_SECRET: randomBytes(24).toString('base64url'),
  }
  const password = randomBytes(18).toString('base64url')
  const serverArgs = ['server', '--data', join(folder, 'server'), '--listen', '127.0.0.1:0']
  console.log(commandLine(serverArgs))
  const server = processes.start('server', process.execPath, [program, ...serverArgs], {
    log: join(folder, 'server.log'),
    environment: {
      CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: key.CHANDLER_ACCESS_KEY_ID,
      CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: key.CHANDLER_ACCESS_KEY_SECRET,
      CHANDLER_BOOTSTRAP_PASSWORD: password,
      DATABASE_URL: '',
      CHANDLER_OBJECTS: '',
      CHANDLER_DATABASE_USER: databaseUser?.name ?? '',
    },
  })
  const [, address = ''] = await server.line(/^chandler listening on (\S+)$/, patienceMs)
  console.log(`chandler listening on ${address}`)
  console.log(`To open the console, use this URL and sign in as admin with the password ${password}`)
  const environment = { CHANDLER_SERVER: address, ...key }
  await writeEnvironmentFile(environment)

  const chandler = async (...args: string[]) => {
    console.log(commandLine(args))
    await processes.run(process.execPath, [program, ...args], { environment })
  }
  const client = createClient({
    server: address,
    accessKeyId: key.CHANDLER_ACCESS_KEY_ID,
    accessKeySecret: key.CHANDLER_ACCESS_KEY_SECRET,
  })

  heading('Three instances')
  const { token } = await client.joinTokens.create({ uses: instances.length, tags: { env: 'demo' } })
  for (const name of instances) {
    const args = ['agent', '--server', address, '--state', join(folder, name), '--name', name]
    console.log(commandLine([...args, '--token', 'ct_…']))
    processes.start(name, process.execPath, [program, ...args, '--token', token], {
      log: join(folder, `${name}.log`),
      environment: {},
    })
  }
  await processes.until(
    async () => (await client.instances.list({ status: 'online' })).items.length === instances.length,
    patienceMs,
  )
  await chandler('instance', 'list')

  heading('An extension: a folder with extension.yaml, scripts and a package')
  const extension = join(folder, 'demo-service')
  await cp(join(project, 'examples/demo-service'), extension, { recursive: true })
  await processes.run(join(extension, 'build.sh'), ['1.0.0'])
  await chandler('extension', 'lint', extension)
  await chandler('extension', 'create', extension)

  heading('The plan and the install: one instance first, then the other two')
  const parameters = [`directory=${join(folder, 'services')}`, `runtime=${process.execPath}`].flatMap((pair) => [
    '--param',
    pair,
  ])
  await chandler('plan', 'install', 'demo-service', '--targets', 'tag:env=demo', '--batch', '1,2', ...parameters)
  await chandler('install', 'demo-service', '--targets', 'tag:env=demo', '--batch', '1,2', ...parameters)

  heading('The service responds on each instance')
  const [execution] = (await client.executions.list({ extension: 'demo-service' })).items
  if (!execution) throw new Error('the execution of the install is missing in the list')
  const services = (await client.executions.listTasks(execution.id)).items.map((task) => ({
    instance: task.instanceName,
    url: task.output?.trim() ?? '',
  }))
  for (const { instance, url } of services) {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`${instance} answers at ${url} with status ${answer.status}`)
    console.log(`${instance}  ${url}  ${(await answer.text()).trim()}`)
  }

  heading('Installed extensions and script output')
  await chandler('instance', 'list')
  await chandler('execution', 'show', execution.id)
  await chandler('logs', execution.id)

  heading('Uninstall')
  await chandler('uninstall', 'demo-service', '--targets', 'all')
  for (const { instance, url } of services) {
    const isGone = await fetch(url).then(
      () => false,
      () => true,
    )
    if (!isGone) throw new Error(`${instance} still responds at ${url}`)
    console.log(`${instance}  ${url}  stopped`)
  }
}

/** For a second terminal: `. .quickstart/env.sh`. */
async function writeEnvironmentFile(environment: Readonly<Record<string, string>>): Promise<void> {
  const file = join(folder, 'env.sh')
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`)
  await writeFile(file, `${lines.join('\n')}\nchandler() { '${process.execPath}' '${program}' "$@"; }\n`, {
    mode: 0o600,
  })
  await chmod(file, 0o600)
}

function printNext(): void {
  const here = relative(process.cwd(), folder) || '.'
  heading('The server runs until you press Ctrl-C. Try this in a second terminal:')
  console.log(`  . ${here}/env.sh                                    # who you are, and where the server is
  chandler install demo-service --targets all --batch 1,50% --pause first --param directory=${join(folder, 'services')} --param runtime=${process.execPath}
  chandler execution list
  chandler instance tag ID role=web
  chandler instance simulate --server $CHANDLER_SERVER --token $(chandler token create --uses 100) --count 100
  curl -u "$CHANDLER_ACCESS_KEY_ID:$CHANDLER_ACCESS_KEY_SECRET" $CHANDLER_SERVER/api/v1/instances
Change ${here}/demo-service, then: chandler extension update ${here}/demo-service && chandler update demo-service --targets all`)
}

const processes = createProcesses()
const asked = new Promise<'asked'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('asked'))
})
try {
  const outcome = await Promise.race([quickstart(processes), processes.firstUnexpectedEnd, asked])
  if (outcome === 'asked') process.exitCode = 130
  else if (staysUp) {
    printNext()
    await Promise.race([asked, processes.firstUnexpectedEnd])
  }
} catch (error) {
  console.error(`\nThe quickstart failed: ${(error as Error).message}\nLogs and data are in ${folder}.`)
  process.exitCode = 1
} finally {
  console.log('\nStopping …')
  await processes.endAll()
  await stopServices()
  await databaseUser?.remove()
  console.log(`Stopped. You can delete ${folder}.`)
}
