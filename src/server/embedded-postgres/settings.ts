/**
 * The settings of the embedded PostgreSQL, passed on its command line at every start, so that no
 * file of an older version applies. Sized for a small server (2 cores, 1-4 GB) that is shared with
 * Chandler itself.
 */
export interface SettingPlaces {
  socketDirectory: string
  accessRulesFile: string
}

/** Only part of the socket's name: PostgreSQL does not listen on TCP. */
export const postgresPort = 5432

export const listSettings = ({
  socketDirectory,
  accessRulesFile,
}: SettingPlaces): Readonly<Record<string, string>> => ({
  // Access: only processes of this machine that can enter the private socket directory and know the
  // password.
  listen_addresses: '',
  port: String(postgresPort),
  unix_socket_directories: socketDirectory,
  unix_socket_permissions: '0700',
  hba_file: accessRulesFile,
  password_encryption: 'scram-sha-256',

  // Durability: an acknowledged change survives a power cut. These are the defaults, set explicitly
  // so that no file changes them.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  // Memory. A connection costs 1-2 MB: the pools of a server need 20-30, the rest is for operators
  // and a second server that starts.
  max_connections: '60',
  // Holds the hot tables of 10,000 instances; more memory would only reduce the page cache, which
  // holds the same pages.
  shared_buffers: '128MB',
  // The planner's estimate of all cached data: a higher value makes it prefer indexes.
  effective_cache_size: '512MB',
  // Sorts a page of 100,000 rows in memory; several connections may need it at once.
  work_mem: '8MB',
  maintenance_work_mem: '64MB',

  // Writes. Full pages after a checkpoint compress to a third, which costs less CPU than writing
  // them.
  wal_compression: 'on',
  // Checkpoints are rare under load, each is spread, and recovery of 1 GB of log takes seconds.
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '10min',
  checkpoint_completion_target: '0.9',
  // An embedded database has no replicas.
  max_wal_senders: '0',
  max_replication_slots: '0',

  // Reads. With SSDs and caches a random page costs hardly more than the next one.
  random_page_cost: '1.1',
  // Many short statements on 2 cores: compiling or parallelising one costs more than it gains.
  jit: 'off',
  max_parallel_workers_per_gather: '0',

  // Task rows are updated several times within minutes: frequent vacuum in small steps prevents
  // bloat.
  autovacuum_naptime: '15s',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.05',

  // An abandoned transaction holds locks and blocks vacuum: our longest transactions take seconds.
  idle_in_transaction_session_timeout: '60s',
  // Cancels a statement whose client has disconnected.
  client_connection_check_interval: '5s',

  // The server forwards the log: plain English lines on standard error, without statements and
  // values, which may be secret.
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

/**
 * Allows only our role, only through the socket, only with its password: the superuser has none and
 * cannot connect.
 */
export const accessRules = (user: string) => `# Written by Chandler at every start.\nlocal all ${user} scram-sha-256\n`
