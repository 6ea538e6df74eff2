import { execFile } from 'node:child_process'
import { chmodSync, fchownSync, renameSync } from 'node:fs'
import { chown, lchown, readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findLinuxInterpreter } from './linux-interpreter.ts'
import { findLinuxMount } from './linux-mount.ts'
import { settleLinuxOutput } from './linux-output.ts'
import { createLinuxPipes } from './linux-pipes.ts'
import { findOpenPaths, findProcessesByName, identityOf, readProcess, signalProcesses } from './linux-processes.ts'
import { findLinuxShutdown, readLinuxBootId, rebootLinux } from './linux-reboot.ts'
import {
  findLinuxOrphans,
  inspectLinuxSupervised,
  keepLinuxClaim,
  listLinuxTree,
  preventLinuxSupervised,
  restoreLinuxClaim,
  startLinuxSupervised,
  wasLinuxStarted,
} from './linux-supervisor.ts'
import { removeLinuxTree } from './linux-tree.ts'
import type { OsUser, Platform, UserObstacle } from './platform.ts'

const run = promisify(execFile)

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function createLinuxPlatform(): Platform {
  const bootId = readLinuxBootId()
  const me = userInfo()
  return {
    family: 'linux',
    bootId,
    reboot: rebootLinux,
    findShutdown: findLinuxShutdown,
    isPrivileged: me.uid === 0,
    canRunAs: true,
    currentUserName: me.username,
    baseEnvironment: {
      PATH: process.env['PATH'] || defaultPath,
      HOME: me.homedir,
      USER: me.username,
      LOGNAME: me.username,
      LANG: process.env['LANG'] || 'C.UTF-8',
    },
    identifyProcess(pid) {
      const found = readProcess(pid)
      // A zombie does not count as a process.
      if (found === undefined || found.state === 'Z' || found.state === 'X') return undefined
      return `${identityOf(found)}@${bootId}`
    },
    findUser,
    encodeScript: (text) => ({ ending: '.script', content: text }),
    findInterpreter: findLinuxInterpreter,
    findObstacle,
    startSupervised: startLinuxSupervised,
    inspectSupervised: inspectLinuxSupervised,
    findOrphanedSession: findLinuxOrphans,
    preventSupervised: preventLinuxSupervised,
    prepareSupervised: createLinuxPipes(),
    keepClaim: keepLinuxClaim,
    restoreClaim: restoreLinuxClaim,
    wasStarted: wasLinuxStarted,
    settleOutput: (directory) => settleLinuxOutput(directory, setTimeout),
    findMount: findLinuxMount,
    listTree: listLinuxTree,
    signalTree: (_, processes, signal) => signalProcesses(processes, signal === 'kill' ? 'SIGKILL' : 'SIGTERM'),
    removeTree: removeLinuxTree,
    moveTree: renameSync,
    giveFile: (file, { uid, gid }) => fchownSync(file, uid, gid),
    giveDirectory,
    allowPassage: (directory) => chmodSync(directory, 0o711),
    findOpenFiles: findOpenPaths,
    releaseSpace,
    findProcesses: findProcessesByName,
    findPackageVersion,
  }
}

async function giveDirectory(directory: string, { uid, gid }: OsUser, what: 'alone' | 'withContent'): Promise<void> {
  if (what === 'withContent')
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
      await lchown(join(entry.parentPath, entry.name), uid, gid)
  await chown(directory, uid, gid)
}

/** From the name service (including LDAP and the like), not only /etc/passwd. */
async function findUser(name: string): Promise<OsUser | undefined> {
  try {
    const { stdout } = await run('getent', ['passwd', '--', name])
    const [found, , uid, gid, , home] = stdout.trim().split(':')
    return { name: found ?? name, uid: Number(uid), gid: Number(gid), home: home || '/' }
  } catch (error) {
    // getent(1): 2 = no such key.
    if ((error as { code?: unknown }).code === 2) return undefined
    throw error
  }
}

/** Checks as the user itself: file modes alone do not decide (access lists, groups). */
async function findObstacle(path: string, { uid, gid }: OsUser): Promise<UserObstacle | undefined> {
  const places = [path]
  for (let place = dirname(path); place !== places[0]; place = dirname(place)) places.unshift(place)
  const look = 'for place; do test -x "$place" || { printf %s "$place"; exit 9; }; done'
  const asUser = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all', '--']
  try {
    await run('setpriv', [...asUser, '/bin/sh', '-c', look, 'sh', ...places])
    return undefined
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string }
    if (code === 'ENOENT') return { kind: 'noSetpriv' }
    if (code === 9) return { kind: 'mayNotEnter', directory: stdout ?? '' }
    throw error
  }
}

/**
 * Punches a hole; only util-linux has a program for it. Without it, or without support by the file
 * system, the space stays in use.
 */
async function releaseSpace(path: string, from: number, to: number): Promise<void> {
  await run('fallocate', ['--punch-hole', '--offset', String(from), '--length', String(to - from), path]).catch(
    () => undefined,
  )
}

async function findPackageVersion(name: string): Promise<string | undefined> {
  const managers = [
    { program: 'dpkg-query', query: ['--show', '--showformat=${db:Status-Status} ${Version}\n', '--', name] },
    { program: 'rpm', query: ['--query', '--queryformat', 'installed %{EVR}\n', '--', name] },
  ]
  let isManaged = false
  for (const { program, query } of managers) {
    try {
      const { stdout } = await run(program, query, { env: { ...process.env, LC_ALL: 'C' } })
      const installed = stdout.split('\n').find((line) => line.startsWith('installed '))
      if (installed !== undefined) return installed.slice('installed '.length)
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === 'ENOENT') continue
      // dpkg-query(1), rpm(8): 1 = no package matches.
      if (code !== 1) throw error
    }
    isManaged = true
  }
  if (isManaged) return undefined
  throw new Error('there is neither dpkg nor rpm on this instance')
}
