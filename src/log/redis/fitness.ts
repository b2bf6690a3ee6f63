import { ConfigError } from '../../platform/config-error.js'

const MAJOR_MIN = 7
/** The first minor version of Redis {@link MAJOR_MIN} that can confirm what is on disk; Valkey has it too. */
const FSYNCED_MINOR_MIN = 2

/**
 * Whether a server may keep sessions at all.
 * @param info - its answer to `INFO`
 * @throws {ConfigError} when it is too old, or drops keys when its memory is full
 */
export function refuseUnfit(info: string): void {
  const version = /^redis_version:(\d+)\S*/m.exec(info)
  if (Number(version?.[1] ?? 0) < MAJOR_MIN) {
    const found = version === null ? 'of unknown version' : version[0].replace('redis_version:', 'Redis ')
    throw new ConfigError([
      `COMMAND_LOG points to a server that is ${found}; it must be ${MAJOR_MIN} or later`,
    ])
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
  if (policy !== 'noeviction') {
    throw new ConfigError([
      `COMMAND_LOG points to a server that drops keys when its memory is full (maxmemory-policy ${policy}); it must be noeviction`,
    ])
  }
}

/**
 * Whether a server can honour `LOG_ACK=fsynced`. Only `appendfsync always` puts a write on disk before it is
 * answered. With `everysec` Redis takes up to a second each time to confirm, and Valkey 8 without a replica
 * confirms what is not on disk yet.
 * @param info - its answer to `INFO`
 * @param policy - its `appendfsync`; `null`: it does not tell
 * @throws {ConfigError}
 */
export function refuseUnlessFsynced(info: string, policy: string | null): void {
  const [, major = 0, minor = 0] = /^redis_version:(\d+)\.(\d+)/m.exec(info) ?? []
  const isRecent =
    Number(major) > MAJOR_MIN || (Number(major) === MAJOR_MIN && Number(minor) >= FSYNCED_MINOR_MIN)
  if (isRecent && /^aof_enabled:1/m.test(info) && policy === 'always') return
  throw new ConfigError([
    `LOG_ACK=fsynced needs Redis ${MAJOR_MIN}.${FSYNCED_MINOR_MIN} or Valkey, with appendonly yes and appendfsync always`,
  ])
}
