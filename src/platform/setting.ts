import { isIP } from 'node:net'
import * as z from 'zod'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const SECOND_MS = 1_000
/** A week is enough for any session. */
const DURATION_MS_MAX = 7 * 24 * HOUR_MS
/** The maximum length of a host name, in characters. */
const HOST_LENGTH_MAX = 253
const PATH_LENGTH_MAX = 4_096
const ADDRESS_LENGTH_MAX = 2_048
const HOST_NAME = /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*$/i

/** One setting: its schema reads the variable's text. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  readonly fallback: string
  /** The allowed values, in words. */
  readonly allowed: string
  readonly meaning: string
  /** For a duration: the variable's unit, in milliseconds. */
  readonly unitMs?: number
}

/**
 * A setting of any kind.
 * @param schema - reads the variable's text, trimmed; `fallback` when that is empty
 */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  fallback: string,
  allowed: string,
  meaning: string,
): Setting<Schema> {
  return { schema, fallback, allowed, meaning }
}

/** A whole number, in decimal digits. @param min - default 1 */
export function wholeNumber(
  fallback: number,
  { min = 1, max }: { min?: number; max: number },
  meaning: string,
) {
  const schema = z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
  return setting(schema, String(fallback), `a whole number from ${min} to ${max}`, meaning)
}

function duration(
  fallback: number,
  unitMs: number,
  { min, unit }: { min: number; unit: string },
  meaning: string,
) {
  const max = DURATION_MS_MAX / unitMs
  const schema = z
    .string()
    .regex(/^\d{1,9}(\.\d{1,20})?$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .transform((amount) => Math.round(amount * unitMs))
  return {
    ...setting(schema, String(fallback), `${unit} from ${min} to ${max}, decimals allowed`, meaning),
    unitMs,
  }
}

/** A time in minutes, kept in milliseconds. @param min - in minutes */
export const minutes = (fallback: number, meaning: string, min = 0.0001) =>
  duration(fallback, MINUTE_MS, { min, unit: 'minutes' }, meaning)

/** A time in hours, kept in milliseconds. @param min - in hours */
export const hours = (fallback: number, meaning: string, min = 0.001) =>
  duration(fallback, HOUR_MS, { min, unit: 'hours' }, meaning)

/** A time in seconds, kept in milliseconds. @param min - in seconds */
export const seconds = (fallback: number, meaning: string, min = 0.01) =>
  duration(fallback, SECOND_MS, { min, unit: 'seconds' }, meaning)

const ON: readonly string[] = ['true', '1', 'yes', 'on']
const OFF: readonly string[] = ['false', '0', 'no', 'off']

/** A switch, case-insensitive. */
export function yesOrNo(fallback: boolean, meaning: string) {
  const schema = z
    .string()
    .toLowerCase()
    .pipe(z.enum([...ON, ...OFF]))
    .transform((text) => ON.includes(text))
  return setting(schema, String(fallback), 'true or false, 1 or 0, yes or no, on or off', meaning)
}

/** The path of a file, or nothing. */
export function filePath(meaning: string) {
  const schema = z
    .string()
    .max(PATH_LENGTH_MAX)
    .transform((text) => (text === '' ? null : text))
  return setting(schema, '', 'the path of a file in PEM, or nothing', meaning)
}

/** Every origin, method or header. */
export const ANY = '*'

/** A JSON list of strings; empty ones are skipped. */
function jsonList(isAllowed: (text: string) => boolean) {
  return z
    .string()
    .transform((text, issues): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        issues.addIssue({ code: 'custom', message: 'is not JSON' })
        return z.NEVER
      }
    })
    .pipe(
      z
        .array(z.string())
        .transform((texts) => texts.filter((text) => text.trim() !== ''))
        .pipe(z.array(z.string().refine((text) => text === ANY || isAllowed(text)))),
    )
}

/** A JSON list of origins. */
export const origins = jsonList(isOrigin)

/** A JSON list of HTTP methods. */
export const methods = jsonList((text) => /^[A-Z]{1,20}$/.test(text))

/** A JSON list of header names. */
export const headerNames = jsonList((text) => /^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(text))

/** A host's name or address. */
export const hostName = z.string().refine(isHost)

/** A web address without a trailing slash, or nothing. */
export const webAddress = z
  .string()
  .max(ADDRESS_LENGTH_MAX)
  .refine((text) => text === '' || isWebAddress(text))
  .transform((text) => (text === '' ? null : new URL(text).href.replace(/\/$/, '')))

/** See {@link LogAck}. */
export const logAck = z.enum(['written', 'fsynced', 'replicated:1', 'replicated:2', 'replicated:3'])

/** Where a command must be before it is acknowledged: in Redis, on its disk, or also on that many of its replicas. */
export type LogAck = z.output<typeof logAck>

/** The URL of Redis or Valkey, including credentials; or nothing. */
export const redisAddress = z
  .string()
  .max(ADDRESS_LENGTH_MAX)
  .refine((text) => text === '' || isRedisAddress(text))
  .transform((text) => (text === '' ? null : text))

function isRedisAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname } = new URL(text)
  const isRedis = protocol === 'redis:' || protocol === 'rediss:'
  return (
    isRedis && isHost(hostname.replace(/^\[|\]$/g, '')) && /^(\/\d*)?$/.test(pathname) && !/[?#]/.test(text)
  )
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hostname } = new URL(text)
  return (
    (protocol === 'http:' || protocol === 'https:') &&
    username === '' &&
    password === '' &&
    isHost(hostname.replace(/^\[|\]$/g, '')) &&
    !/[?#]/.test(text)
  )
}

/** A host name's labels, or an address of either family; not in brackets. */
export function isHost(text: string): boolean {
  if (text.length > HOST_LENGTH_MAX) return false
  return isIP(text) > 0 || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text))
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
