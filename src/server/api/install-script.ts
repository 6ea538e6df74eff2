/**
 * What `curl -fsSL URL/install.sh | sudo sh -s -- --token ct_…` runs on a server that is to become an instance. There is no packaged
 * agent to download yet, so it says how to start one from a copy of the project, and ends with 1: a pipeline must not take it for done.
 * @param server its own address; absent if the request did not say a sound one
 */
export function renderInstallScript(server: string | undefined): string {
  const address = server ?? 'SERVER_URL'
  return `#!/bin/sh
# How to make an instance of this server. POSIX sh.
set -eu

token=ct_TOKEN
while [ $# -gt 0 ]; do
  case "$1" in
    --token) [ $# -ge 2 ] || { echo "--token needs a value" >&2; exit 2; }; token=$2; shift 2 ;;
    --token=*) token=\${1#--token=}; shift ;;
    -h|--help) echo "usage: sh install.sh --token ct_TOKEN"; exit 0 ;;
    *) echo "unknown argument: $1 (usage: sh install.sh --token ct_TOKEN)" >&2; exit 2 ;;
  esac
done
case "$token" in
  *[!A-Za-z0-9_-]*) echo "this is not a join token: it holds other letters than A-Z, a-z, 0-9, _ and -" >&2; exit 2 ;;
esac

cat >&2 <<END
Nothing was installed: a packaged agent to download does not exist yet.
Run the agent from a copy of the project, which brings its own Node.js, on this machine and as root:

  npm ci
  npx chandler agent --server ${address} --token $token --state /var/lib/chandler-agent
END
exit 1
`
}
