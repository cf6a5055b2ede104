/** For a few services on one small machine; the durability ones are spelled out because events depend on them. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  // The pools of all services in one process may open some sixty at most.
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // No replicas and no archive: the least WAL, and no sender processes.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  // The default in 18 keeps three I/O worker processes.
  io_method: 'sync',
  // Queries here are small; parallel plans would need more /dev/shm than a container's 64 MB.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Readiness and the reason of a failed start are read from the log.
  lc_messages: 'C',
  logging_collector: 'off',
  log_destination: 'stderr',
};

/** What a database that is thrown away afterwards can do without. */
const temporary = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  // Tests of one file run side by side, each with services of its own.
  max_connections: '200',
};

/** `-c name=value` arguments. */
export function serverSettings(port: number, isTemporary: boolean): string[] {
  const all = { ...settings, ...(isTemporary ? temporary : {}), port: String(port) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
