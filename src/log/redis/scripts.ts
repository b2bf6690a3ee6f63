import { hash } from 'node:crypto'

/** A script as Redis and Valkey run it: all of it at once, and nothing in between. */
export interface Script {
  readonly text: string
  /** By which it is known once it has been sent. */
  readonly sha1: string
}

/**
 * An entry's id is `<ms>-<seq>`: the time of Redis, which is the command's own, and the place in the log, which
 * rises by one. So an id says whether something is missing before it. Time never goes back.
 */
const PRELUDE = `
local function head(log)
  local info = redis.pcall('XINFO', 'STREAM', log)
  if info.err then return nil end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      local ms, seq = string.match(info[i + 1], '^(%d+)%-(%d+)$')
      return tonumber(ms), tonumber(seq)
    end
  end
end
local function time()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local function id(ms, seq) return string.format('%.0f-%.0f', ms, seq) end
`

function script(text: string): Script {
  const whole = PRELUDE + text
  return { text: whole, sha1: hash('sha1', whole) }
}

/**
 * Begins a log. KEYS log; ARGV notAfter ttl first.
 * Replies `ok` and the first entry's id, `exists`, or `late`.
 */
export const CREATE = script(`
if time() > tonumber(ARGV[1]) then return {'late'} end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'exists'} end
local first = id(time(), 1)
redis.call('XADD', KEYS[1], first, 'c', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'ok', first}
`)

/**
 * Adds entries behind all others, whatever those are: who applies them judges. KEYS log snap; ARGV known
 * notAfter ttl (nonce command)...
 * Replies `ok`, the first one's id and the entries between `known` and it; or why nothing was added: `late` and the time,
 * `gone` when there is no log, `behind` when it ends before `known`.
 */
export const APPEND = script(`
local ms, seq = head(KEYS[1])
if not ms then return {'gone'} end
local now = time()
if now > tonumber(ARGV[2]) then return {'late', string.format('%.0f', now)} end
local known = tonumber(string.match(ARGV[1], '%-(%d+)$'))
if seq < known then return {'behind'} end
local missed = seq == known and {} or redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
now = math.max(now, ms)
for i = 4, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[1], id(now, seq), 'n', ARGV[i], 'c', ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {'ok', id(now, seq - (#ARGV - 3) / 2 + 1), missed}
`)

/** What there is of a session, fitting together. KEYS log snap; replies the snapshot and the entries behind it. */
export const LOAD = script(`
local snap = redis.call('GET', KEYS[2])
local from = snap and '(' .. string.match(snap, '^%S+') or '-'
return {snap, redis.call('XRANGE', KEYS[1], from, '+')}
`)

/** What is new, and the time. KEYS log; ARGV known; replies the time and the entries behind `known`. */
export const READ = script(`
return {string.format('%.0f', time()), redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')}
`)

/**
 * Keeps a snapshot, "id sum body", and drops the entries that it covers, and only those. KEYS log snap; ARGV id
 * sum body ttl. Replies `ok`, `old` where there is a newer one, `diverged` where the same place was left otherwise.
 */
export const SNAPSHOT = script(`
local oldId, oldSum = string.match(redis.call('GETRANGE', KEYS[2], 0, 127), '^(%S+) (%S+) ')
local ms, seq = string.match(ARGV[1], '^(%d+)%-(%d+)$')
if oldId then
  local oldSeq = tonumber(string.match(oldId, '%-(%d+)$'))
  if oldSeq == tonumber(seq) and oldSum ~= ARGV[2] then return 'diverged' end
  if oldSeq >= tonumber(seq) then return 'old' end
end
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', ARGV[4])
redis.call('XTRIM', KEYS[1], 'MINID', '=', id(tonumber(ms), tonumber(seq) + 1))
return 'ok'
`)

/** Takes the lease, or keeps it. KEYS holder; ARGV name ttl; replies 1, or 0 where somebody else has it. */
export const HOLD = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

/** Lets the lease go, if it is one's own. KEYS holder; ARGV name. */
export const RELEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`)

/**
 * Puts a session back that Redis has lost, or the end of it: a snapshot, and a log that goes on behind it. KEYS log
 * snap; ARGV id sum body ttl.
 */
export const REBUILD = script(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', ARGV[4])
redis.call('XADD', KEYS[1], ARGV[1], 'n', '', 'c', '')
redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 'ok'
`)
