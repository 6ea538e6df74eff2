import { access, chmod, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findFreePort, untilDone } from '../ports.ts'
import { endChild, spawnTied } from '../tied-child.ts'

const nginx = '/usr/sbin/nginx'

/** nginx serving one folder on loopback. Undefined if it is not installed. */
export async function startNginxPeer(
  directory: string,
  folder: string,
): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  if (
    !(await access(nginx).then(
      () => true,
      () => false,
    ))
  )
    return undefined
  const port = await findFreePort()
  const config = join(directory, 'nginx.conf')
  await writeFile(config, settings(directory, folder, port))
  for (let path = folder; path !== '/tmp' && path !== '/'; path = dirname(path)) await chmod(path, 0o755)
  const server = spawnTied(nginx, ['-c', config, '-e', join(directory, 'nginx.log')], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/`
  await untilDone(() => fetch(url), 'nginx does not answer')
  return { url, stop: () => endChild(server) }
}

const settings = (directory: string, folder: string, port: number) => `daemon off;
pid ${directory}/nginx.pid;
worker_processes 2;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${directory}/nginx-body;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`
