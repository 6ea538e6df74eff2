// The table of allowed imports (documented in ARCHITECTURE.md). To allow another one, change this
// table, with the reason in its line.

export interface Layer {
  /** A folder, with a trailing slash. */
  readonly files: string
  /** Layers that it may import; its own is always allowed. */
  readonly layers: readonly LayerName[]
  /**
   * Layers that it may load only by `import()`: to start another program's main, never to use its
   * parts.
   */
  readonly starts?: readonly LayerName[]
  /**
   * npm packages; `@scope/*` allows a scope; the object form allows a package only to files that
   * match a pattern.
   */
  readonly packages: readonly (string | { readonly name: string; readonly only: string })[]
  /** Node.js built-ins without `node:`; includes subpaths (`fs/promises`). */
  readonly builtins: 'all' | readonly string[]
  /** The reason for the line. */
  readonly reason: string
}

const layer = <Names extends string>(
  table: Record<
    Names,
    Omit<Layer, 'layers' | 'starts'> & { layers: readonly NoInfer<Names>[]; starts?: readonly NoInfer<Names>[] }
  >,
) => table

export const layers = layer({
  core: {
    files: 'src/core/',
    layers: [],
    packages: [{ name: 're2js', only: 'src/core/extension/pattern.ts' }],
    builtins: [],
    reason:
      'core decides: with nothing to call it can only return, and every decision can be tested and replayed; a regular-expression engine keeps that, because it has neither I/O nor state',
  },
  lib: {
    files: 'src/lib/',
    layers: [],
    packages: [
      { name: 'tar', only: 'src/lib/{archive/**,package-file/read-deb.ts}' },
      { name: 'croner', only: 'src/lib/cron.ts' },
      { name: 'xz-decompress', only: 'src/lib/package-file/decompress-xz.ts' },
      { name: 'yauzl', only: 'src/lib/archive/**' },
    ],
    builtins: 'all',
    reason:
      'lib is our small standard library on top of Node.js; it knows nothing of the domain, so everyone may use it; archives are read in one place',
  },
  protocol: {
    files: 'src/protocol/',
    layers: ['core'],
    packages: ['zod'],
    builtins: [],
    reason: 'schemas run on both ends of a wire, the browser included, so they may need nothing but zod',
  },
  store: {
    files: 'src/store/',
    layers: ['core', 'lib'],
    packages: ['pg', 'kysely'],
    builtins: 'all',
    reason: 'only store talks to PostgreSQL, so one folder shows every statement',
  },
  objects: {
    files: 'src/objects/',
    layers: ['core', 'lib'],
    packages: ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner'],
    builtins: 'all',
    reason: 'artifact bytes are moved here and nowhere else; a driver knows nothing of rows or requests',
  },
  app: {
    files: 'src/server/app/',
    layers: ['core', 'store', 'objects', 'lib'],
    packages: [
      { name: '@zxcvbn-ts/*', only: 'src/server/app/access/check-password.ts' },
      { name: 'otpauth', only: 'src/server/app/access/second-factor/authenticator-app.ts' },
    ],
    builtins: ['buffer', 'crypto', 'stream'],
    reason: 'a use case knows neither transport nor SQL: the same one serves HTTP, the OOS API and the gateway',
  },
  api: {
    files: 'src/server/api/',
    layers: ['app', 'protocol', 'core', 'lib'],
    packages: [
      'fastify',
      '@fastify/*',
      'fastify-type-provider-zod',
      'zod',
      { name: 'papaparse', only: 'src/server/api/http/csv.ts' },
      { name: 'range-parser', only: 'src/server/api/http/byte-range.ts' },
    ],
    builtins: ['buffer', 'crypto', 'http', 'querystring', 'stream', 'url'],
    reason: 'HTTP in: parse, authorise, call app, present; without store it cannot grow a decision of its own',
  },
  oos: {
    files: 'src/server/oos/',
    layers: ['app', 'protocol', 'core', 'lib'],
    packages: ['fastify', { name: 'fast-xml-builder', only: 'src/server/oos/rpc/render-xml.ts' }, 'yaml', 'zod'],
    builtins: ['buffer', 'crypto'],
    reason: 'the OOS API is a thin face over the same app; templates are YAML',
  },
  gateway: {
    files: 'src/server/gateway/',
    layers: ['app', 'protocol', 'core', 'lib'],
    packages: ['ws'],
    builtins: 'all',
    reason: 'agents connect here; what they say goes through app like everybody else’s requests',
  },
  metrics: {
    files: 'src/server/metrics/',
    layers: ['gateway', 'api', 'app', 'core', 'lib'],
    packages: ['prom-client'],
    builtins: ['events', 'http', 'net'],
    reason:
      'it counts what the other parts measure, through functions that it hands to them; no other part knows the library',
  },
  tracing: {
    files: 'src/server/tracing/',
    layers: ['lib'],
    packages: ['@opentelemetry/*'],
    builtins: ['async_hooks'],
    reason: 'it sends spans; the other parts know the interface in lib, and no other part knows the library',
  },
  dispatcher: {
    files: 'src/server/dispatcher/',
    layers: ['core', 'store', 'lib'],
    packages: ['graphile-worker'],
    builtins: ['crypto', 'events'],
    reason: 'the dispatcher turns rows into rows; it is given a nudge and does not know the gateway',
  },
  consoleServer: {
    files: 'src/server/console/',
    layers: ['lib'],
    packages: ['fastify', '@fastify/static', '@vitejs/plugin-react', 'vite'],
    builtins: 'all',
    reason:
      'it builds the console in a process of its own and sends its files; what the console asks goes to the API like anything else',
  },
  embeddedPostgres: {
    files: 'src/server/embedded-postgres/',
    layers: ['store', 'lib'],
    packages: ['zod'],
    builtins: 'all',
    reason: 'it runs the PostgreSQL process; what is said to that PostgreSQL is in store',
  },
  agentBundle: {
    files: 'src/server/agent-bundle/',
    layers: ['app', 'core', 'lib'],
    packages: ['tar', 'zod'],
    builtins: 'all',
    reason: 'it packs the archive that instances install the agent from, out of the files of this installation',
  },
  serverTls: {
    files: 'src/server/tls/',
    layers: ['app', 'core', 'store', 'lib'],
    packages: [
      { name: '@peculiar/x509', only: 'src/server/tls/sign-certificate.ts' },
      { name: 'acme-client', only: 'src/server/tls/acme/order-certificate.ts' },
      { name: 'reflect-metadata', only: 'src/server/tls/sign-certificate.ts' },
    ],
    builtins: 'all',
    reason: 'certificates and the listener that presents them; the API above it does not know whether there is TLS',
  },
  main: {
    files: 'src/server/boot/',
    layers: [
      'core',
      'lib',
      'protocol',
      'store',
      'objects',
      'app',
      'api',
      'oos',
      'gateway',
      'metrics',
      'tracing',
      'dispatcher',
      'consoleServer',
      'embeddedPostgres',
      'agentBundle',
      'serverTls',
    ],
    packages: [
      'fastify',
      '@fastify/*',
      'graphile-worker',
      'pg',
      'ws',
      { name: 'nodemailer', only: 'src/server/boot/open-mail.ts' },
      { name: 'openid-client', only: 'src/server/boot/sso/oidc-client.ts' },
      { name: 'yaml', only: 'src/server/boot/settings/settings-file.ts' },
      'zod',
    ],
    builtins: 'all',
    reason: 'main (the folder boot) wires the server: it may import all other layers, and no layer may import it',
  },
  agent: {
    files: 'src/agent/',
    layers: ['core', 'protocol', 'lib'],
    packages: [{ name: 'ws', only: 'src/agent/connection/**' }, 'zod'],
    builtins: 'all',
    reason:
      'the agent runs on other people’s servers: small, no server code, only its connection knows the transport; what it finds in its state directory goes through schemas like any foreign bytes',
  },
  client: {
    files: 'src/client/',
    layers: ['protocol', 'core'],
    packages: [
      { name: 'eventsource-parser', only: 'src/client/event-parser.ts' },
      { name: 'papaparse', only: 'src/client/target-list.ts' },
    ],
    builtins: [],
    reason: 'the same client serves CLI and browser, so it uses only what both have',
  },
  cli: {
    files: 'src/cli/',
    layers: ['client', 'protocol', 'core', 'lib'],
    starts: ['main', 'agent'],
    packages: ['commander', 'ink', 'react', 'yaml'],
    builtins: 'all',
    reason:
      'the CLI prints and never decides; `chandler server` and `chandler agent` start those programs by import() and use no part of them',
  },
  console: {
    files: 'console/',
    layers: ['client', 'protocol', 'core'],
    packages: [
      'react',
      'react-dom',
      '@cloudscape-design/*',
      '@tanstack/react-virtual',
      'anser',
      'diff',
      'wouter',
      { name: 'qrcode-generator', only: 'console/src/app/second-factor/qr-code.tsx' },
    ],
    builtins: [],
    reason: 'the console has no privilege that the CLI lacks, so it goes through the same client',
  },
})

export type LayerName =
  | 'core'
  | 'lib'
  | 'protocol'
  | 'store'
  | 'objects'
  | 'app'
  | 'api'
  | 'oos'
  | 'gateway'
  | 'metrics'
  | 'tracing'
  | 'dispatcher'
  | 'embeddedPostgres'
  | 'agentBundle'
  | 'main'
  | 'serverTls'
  | 'agent'
  | 'client'
  | 'cli'
  | 'console'
  | 'consoleServer'
