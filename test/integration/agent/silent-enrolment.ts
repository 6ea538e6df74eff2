import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that hands out the agent of another one, and never answers an enrolment. `enrolling` resolves at the first. */
export async function startSilentEnrolment(server: string) {
  let enrols = () => {}
  const enrolling = new Promise<void>((resolve) => (enrols = resolve))
  const giveBundle = async (url: string, authorization: string, reply: ServerResponse) => {
    const bundle = await fetch(`${server}${url}`, { headers: { authorization } })
    reply.writeHead(200, Object.fromEntries(bundle.headers)).end(Buffer.from(await bundle.arrayBuffer()))
  }
  const http = createServer(({ method, url = '', headers: { authorization = '' } }, reply) => {
    if (method === 'POST') enrols()
    else void giveBundle(url, authorization, reply)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    enrolling,
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
}
