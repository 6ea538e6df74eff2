/**
 * The settings of the embedded PostgreSQL, given on its command line at every start: what runs is what stands here,
 * not what a file kept from an older version. For one small server (2 cores, 1-4 GB) shared with Chandler itself.
 */
export interface SettingPlaces {
  socketDirectory: string
  accessRulesFile: string
}

export const postgresPort = 5432

export const listSettings = ({
  socketDirectory,
  accessRulesFile,
}: SettingPlaces): Readonly<Record<string, string>> => ({
  // Who can connect: this machine's processes that can enter the private socket directory and know the password.
  listen_addresses: '',
  port: String(postgresPort),
  unix_socket_directories: socketDirectory,
  unix_socket_permissions: '0700',
  hba_file: accessRulesFile,
  password_encryption: 'scram-sha-256',

  // Durability: an acknowledged change survives a power cut. These are the defaults, said aloud so that no file changes them.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  // Memory. A connection costs 1-2 MB: the pools of a server need 20-30, the rest is for people and a second server starting.
  max_connections: '60',
  // The hot tables of 10,000 instances fit; more would be taken from the page cache, which serves the same pages.
  shared_buffers: '128MB',
  // What the planner may believe is cached, in all: it prefers indexes then.
  effective_cache_size: '512MB',
  // Sorting a page of 100,000 rows in memory; times a handful of connections at once.
  work_mem: '8MB',
  maintenance_work_mem: '64MB',

  // Writing. Full pages after a checkpoint compress to a third and cost less CPU than writing them.
  wal_compression: 'on',
  // Checkpoints by size are rare under load, each is spread, and recovering 1 GB of log takes seconds.
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '10min',
  checkpoint_completion_target: '0.9',
  // Nobody replicates an embedded database.
  max_wal_senders: '0',
  max_replication_slots: '0',

  // Reading. SSDs and caches: a random page costs hardly more than the next one.
  random_page_cost: '1.1',
  // Many short statements on 2 cores: compiling one or splitting it over processes costs more than it gains.
  jit: 'off',
  max_parallel_workers_per_gather: '0',

  // Task rows are updated several times each within minutes: vacuum soon and in small steps, or the tables bloat.
  autovacuum_naptime: '15s',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.05',

  // A forgotten transaction holds locks and stops vacuum: our longest ones take seconds.
  idle_in_transaction_session_timeout: '60s',
  // A statement whose client is gone stops instead of working for nobody.
  client_connection_check_interval: '5s',

  // The log is ours to pass on: plain English lines on standard error, without statements and values, which may be secret.
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  lc_messages: 'C',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_connections: '',
  log_timezone: 'UTC',
  TimeZone: 'UTC',
  cluster_name: 'chandler',
})

/** Only our role, only through the socket, only with its password: the superuser has none and cannot connect. */
export const accessRules = (user: string) => `# Written by Chandler at every start.\nlocal all ${user} scram-sha-256\n`
