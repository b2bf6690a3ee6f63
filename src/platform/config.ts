import * as z from 'zod'
import { ConfigError } from './config-error.js'
import { masked } from './masked.js'
import {
  ANY,
  filePath,
  headerNames,
  hostName,
  hours,
  logAck,
  methods,
  minutes,
  origins,
  redisAddress,
  type Setting,
  seconds,
  setting,
  webAddress,
  wholeNumber,
  yesOrNo,
} from './setting.js'

/** How much of a value is shown in a fault's line, in characters. */
const SHOWN_LENGTH_MAX = 100
/** Invisible characters, and those with effects beyond their look. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
/** Names that other programs use for levels. */
const LOG_LEVEL_ALIASES: Readonly<Record<string, string>> = { warning: 'warn', critical: 'fatal' }

/** The methods that the API uses, and the headers besides those that a page may always send. */
const METHODS_USED = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']
const HEADERS_USED = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'Last-Event-ID',
  'X-Network-Type',
  'X-Request-Id',
  'traceparent',
  'tracestate',
]

/**
 * Every environment variable (contract section 2): its name, allowed values, meaning and default. Durations
 * are read in the unit of their name and stored in milliseconds.
 */
export const SETTINGS = {
  HOST: setting(hostName, '0.0.0.0', 'a host name or address', 'address to listen on'),
  PORT: wholeNumber(
    8000,
    { min: 0, max: 65_535 },
    'port to listen on; 0 picks a free one, named in the ready line',
  ),
  PUBLIC_URL: setting(
    webAddress,
    '',
    'an http: or https: URL without credentials, query and fragment, or nothing',
    "the page's public URL, which links are built from; unset: from the request",
  ),
  MAX_SESSIONS: wholeNumber(3, { max: 100_000 }, 'concurrent sessions on this server'),
  MAX_SESSIONS_PER_ADDRESS: wholeNumber(
    0,
    { min: 0, max: 100_000 },
    'active sessions that one address may have created; 0: no limit',
  ),
  MAX_USERS_PER_SESSION: wholeNumber(
    16,
    { max: 1_000 },
    'participants in a session, including the Scrum Master',
  ),
  SESSION_TIMEOUT_MINUTES: minutes(10, 'a session ends after this long without a command'),
  SESSION_WARNING_MINUTES: minutes(
    2,
    '`session_expiring` is sent this long before that (never when ≥ the timeout)',
    0,
  ),
  GRACE_PERIOD_MINUTES: minutes(5, 'how long to wait for a Scrum Master who disconnected'),
  GRACE_WARNING_MINUTES: minutes(
    2,
    '`grace_period_warning` is sent this long before its end (never when ≥ the grace period)',
    0,
  ),
  DISCONNECT_DEBOUNCE_SECONDS: seconds(
    2,
    'a page refresh shorter than this does not count as a disconnect',
    0,
  ),
  PRESENCE_SECONDS: seconds(60, 'how long a sign of life counts for somebody without a stream', 0.1),
  SESSION_LIFE_HOURS: hours(
    12,
    'a session ends after this even while in use, announced like an expiry; 0: never',
    0,
  ),
  REVEAL_SECONDS: seconds(0, 'how long `revealing` lasts before `results`', 0),
  CLEANUP_INTERVAL_SECONDS: seconds(
    120,
    'with a command log: how often the slots of ended sessions are cleared; in memory there is nothing to clear',
  ),
  EVENT_LOG_SIZE: wholeNumber(
    256,
    { min: 16, max: 65_536 },
    'events kept per session for replay, at most 1 MiB of them',
  ),
  HEARTBEAT_SECONDS: seconds(15, 'interval of SSE heartbeat comments', 0.05),
  MOBILE_HEARTBEAT_INTERVAL: seconds(30, 'the same for phones; doubled at 50 % battery or less', 0.05),
  MOBILE_BATTERY_OPTIMIZATION: yesOrNo(
    true,
    'whether a low battery doubles the heartbeat, batches events and asks for fewer animations',
  ),
  NETWORK_ADAPTIVE_FEATURES: yesOrNo(true, 'whether a slow network (2g, slow-2g) batches events'),
  IDENTITY: setting(
    z.enum(['token', 'open']),
    'token',
    'token or open',
    "token: an action needs the actor's `user_token`; open: a bare `user_id` is enough",
  ),
  CORS_ORIGINS: setting(
    origins,
    '["http://localhost:5173"]',
    'a JSON list of origins, such as ["https://poker.example"]; "*" only with CORS_CREDENTIALS=false',
    'origins whose pages may use the API',
  ),
  CORS_CREDENTIALS: yesOrNo(true, 'whether those pages may send the cookie'),
  CORS_METHODS: setting(
    methods,
    JSON.stringify(METHODS_USED),
    'a JSON list of methods in capitals, or ["*"]',
    'methods that those pages may use',
  ),
  CORS_HEADERS: setting(
    headerNames,
    JSON.stringify(HEADERS_USED),
    'a JSON list of header names, or ["*"]',
    'headers that those pages may send',
  ),
  RATE_LIMITING: yesOrNo(
    true,
    'limits per client address; false also lifts MAX_STREAMS_PER_ADDRESS and MAX_CONNECTIONS_PER_ADDRESS',
  ),
  TRUST_PROXY: wholeNumber(0, { min: 0, max: 16 }, 'how many proxies in front are trusted'),
  MAX_REQUEST_SIZE: wholeNumber(
    1_048_576,
    { min: 1_024, max: 16_777_216 },
    'largest request body in bytes; most routes accept less',
  ),
  MAX_STREAMS_PER_PARTICIPANT: wholeNumber(
    8,
    { max: 1_000 },
    'open SSE streams and waiting polls per participant',
  ),
  MAX_STREAMS_PER_ADDRESS: wholeNumber(
    256,
    { max: 1_000_000 },
    'open SSE streams and waiting polls per client address',
  ),
  MAX_STREAMS: wholeNumber(20_000, { max: 1_000_000 }, 'open SSE streams and waiting polls on this server'),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(
    512,
    { min: 0, max: 1_000_000 },
    'TCP connections per peer, not limited with TRUST_PROXY above 0 or RATE_LIMITING=false; 0: no limit',
  ),
  METRICS_ENABLED: yesOrNo(true, 'whether metrics are collected, for `/metrics` and `/api/health/metrics`'),
  HEALTH_CHECK_INTERVAL: seconds(30, 'time between background health samples', 0.1),
  SECURE_HEADERS: yesOrNo(true, 'security headers on every answer; false leaves them to a proxy in front'),
  LOG_REQUESTS: yesOrNo(true, 'one log line per request; false: only for errors'),
  LOG_LEVEL: setting(
    z
      .string()
      .toLowerCase()
      .transform((name) => LOG_LEVEL_ALIASES[name] ?? name)
      .pipe(z.enum(LOG_LEVELS)),
    'info',
    `one of ${[...LOG_LEVELS, ...Object.keys(LOG_LEVEL_ALIASES)].join(', ')}, in any case`,
    'the lowest level that is logged',
  ),
  DEBUG: yesOrNo(false, 'logs at level `debug`, whatever LOG_LEVEL says'),
  COMMAND_LOG: setting(
    redisAddress,
    '',
    'a redis: or rediss: URL, or nothing',
    "where sessions are kept to outlive the process: Redis 7 or Valkey; unset: in this process's memory",
  ),
  LOG_ACK: setting(
    logAck,
    'written',
    'written, replicated:1, replicated:2, replicated:3, or fsynced (Redis 7.2 or Valkey, with appendfsync always)',
    'with COMMAND_LOG: where a command must be before it is acknowledged: written by Redis, also by that many of its replicas, or on its disk',
  ),
  INSPECT: setting(
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(['true', 'false', 'force'])),
    'false',
    'true, false or force; with NODE_ENV=production only false or force',
    'the development inspector at `/inspect`, for this machine only',
  ),
  DESERTED_MINUTES: minutes(
    2,
    'when MAX_SESSIONS is reached, a session with nobody present for this long may be replaced by a new one; 0: never',
    0,
  ),
  SSL_KEYFILE: filePath('private key of the certificate; with both set, the server itself handles TLS'),
  SSL_CERTFILE: filePath('certificate chain; a new one is loaded on SIGHUP'),
  SHUTDOWN_SECONDS: seconds(10, 'time limit for draining on SIGTERM and SIGINT', 0.1),
} as const satisfies Record<string, Setting>

type Settings = typeof SETTINGS

/** The validated configuration; every duration in milliseconds. */
export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> }

/**
 * Reads the configuration.
 * @throws {ConfigError} with every fault at once
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = []
  const entries = Object.entries<Setting>(SETTINGS).map(([name, { schema, fallback, allowed }]) => {
    const text = environment[name]?.trim() || fallback
    const result = schema.safeParse(text)
    if (!result.success) faults.push(`${name} is ${shown(text)}; it may hold ${allowed}`)
    return [name, result.data]
  })
  const config = Object.fromEntries(entries) as Config
  if (config.INSPECT === 'true' && environment['NODE_ENV']?.trim() === 'production') {
    faults.push('INSPECT is "true"; with NODE_ENV=production it may hold false or force')
  }
  if (config.CORS_ORIGINS?.includes(ANY) && config.CORS_CREDENTIALS) {
    faults.push(
      `CORS_ORIGINS is ${shown(environment['CORS_ORIGINS'] ?? '')}; with CORS_CREDENTIALS=true it may hold no "*"`,
    )
  }
  const unpaired = unpairedFault(environment)
  if (unpaired !== null) faults.push(unpaired)
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

/** Variables of other kinds of servers, which have no effect here. */
const WITHOUT_EFFECT = [
  'WORKERS',
  'WORKER_CONNECTIONS',
  'MAX_REQUESTS',
  'APM_ENABLED',
  'RELOAD',
  'AUTO_RELOAD_DIRS',
  'RUN_USER',
  'RUN_GROUP',
]

/** The variables that are set but have no effect here (contract section 2). */
export function variablesWithoutEffect(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return WITHOUT_EFFECT.filter((name) => environment[name]?.trim())
}

/** TLS needs a key and a certificate. */
function unpairedFault(environment: Readonly<Record<string, string | undefined>>): string | null {
  const isSet = (name: string) => Boolean(environment[name]?.trim())
  if (isSet('SSL_KEYFILE') === isSet('SSL_CERTFILE')) return null
  const [missing, other] = isSet('SSL_KEYFILE')
    ? (['SSL_CERTFILE', 'SSL_KEYFILE'] as const)
    : (['SSL_KEYFILE', 'SSL_CERTFILE'] as const)
  return `${missing} is ""; it may hold ${SETTINGS[missing].allowed}, and something when ${other} does`
}

/** An invalid value, on one line of bounded length. */
function shown(text: string): string {
  const safe = masked(text)
  const bounded = safe.length > SHOWN_LENGTH_MAX ? `${safe.slice(0, SHOWN_LENGTH_MAX)}…` : safe
  return JSON.stringify(bounded).replaceAll(INVISIBLE, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
