import { hash } from 'node:crypto'

/** A script that Redis and Valkey run atomically. */
export interface Script {
  readonly text: string
  /** Identifies the script once it has been sent. */
  readonly sha1: string
}

/**
 * An entry's id is `<ms>-<seq>`: the time of Redis, which becomes the command's, and the place in the log,
 * which rises by one. So an id shows whether anything is missing before it. Time never goes backwards.
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
 * Starts a log. KEYS log; ARGV notAfter ttl first.
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
 * Lists a new session, if there is a place for it. KEYS live rooms mark; ARGV id notAfter max room evicted
 * listMs markMs channel node. `mark` is any key where `markMs` is 0, `room` and `evicted` may be empty.
 * Replies `ok` and the number of sessions now, or why it is not listed: `late`, `overtaken`.
 */
export const ADMIT = script(`
local sid, room, evicted = ARGV[1], ARGV[4], ARGV[5]
local function lives(other) return redis.call('ZSCORE', KEYS[1], other) end
if time() > tonumber(ARGV[2]) then return {'late'} end
local isMarked = tonumber(ARGV[7]) > 0
if isMarked and lives(redis.call('GET', KEYS[3]) or '') then return {'overtaken'} end
if room ~= '' and lives(redis.call('HGET', KEYS[2], room) or '') then return {'overtaken'} end
local gives = evicted ~= '' and lives(evicted)
local others = redis.call('ZCARD', KEYS[1]) - (gives and 1 or 0)
if others >= tonumber(ARGV[3]) then return {'overtaken'} end
if gives then redis.call('ZREM', KEYS[1], evicted) end
redis.call('ZADD', KEYS[1], time(), sid)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
if room ~= '' then
  redis.call('HSET', KEYS[2], room, sid)
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
if isMarked then redis.call('SET', KEYS[3], sid, 'PX', ARGV[7]) end
redis.call('SPUBLISH', ARGV[8], ARGV[9] .. ' ' .. sid .. ' ' .. (evicted ~= '' and '' or others + 1))
return {'ok', others + 1}
`)

/** Records that a session is over. KEYS live ended rooms; ARGV id room endedMs endedMax. */
export const BURY = script(`
local now = time()
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if ARGV[2] ~= '' and redis.call('HGET', KEYS[3], ARGV[2]) == ARGV[1] then redis.call('HDEL', KEYS[3], ARGV[2]) end
return 'ok'
`)

/**
 * Lists existing sessions, unless they are over. `room` may be empty.
 * KEYS live ended rooms; ARGV listMs (id room)...
 */
export const KEEP = script(`
local now = time()
for i = 2, #ARGV, 2 do
  local sid, room = ARGV[i], ARGV[i + 1]
  if not redis.call('ZSCORE', KEYS[2], sid) then
    redis.call('ZADD', KEYS[1], 'NX', now, sid)
    if room ~= '' then redis.call('HSETNX', KEYS[3], room, sid) end
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[1])
return 'ok'
`)

/**
 * Appends entries, whatever is there before them: they are judged when they are applied. KEYS log snap; ARGV
 * known notAfter ttl channel id (nonce command)...
 * Replies `ok`, the first one's id and the entries between `known` and it; or why nothing was added: `late`
 * and the time, `gone` when there is no log, `behind` and the log's last id when `known` is not in it.
 */
export const APPEND = script(`
local ms, seq = head(KEYS[1])
if not ms then return {'gone'} end
local now = time()
if now > tonumber(ARGV[2]) then return {'late', string.format('%.0f', now)} end
local known = tonumber(string.match(ARGV[1], '%-(%d+)$'))
if seq < known or seq == known and id(ms, seq) ~= ARGV[1] then return {'behind', id(ms, seq)} end
local missed = seq == known and {} or redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
now = math.max(now, ms)
for i = 6, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[1], id(now, seq), 'n', ARGV[i], 'c', ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SPUBLISH', ARGV[4], string.format('%.0f', seq) .. ' ' .. ARGV[5])
return {'ok', id(now, seq - (#ARGV - 5) / 2 + 1), missed}
`)

/** Reads a session consistently. KEYS log snap; replies the snapshot and the entries after it. */
export const LOAD = script(`
local snap = redis.call('GET', KEYS[2])
local from = snap and '(' .. string.match(snap, '^%S+') or '-'
return {snap, redis.call('XRANGE', KEYS[1], from, '+')}
`)

/**
 * Reads what is new. KEYS log; ARGV known; replies the time, the entries after `known`, and the id of the
 * newest entry, even if that was trimmed; '' if there is no log.
 */
export const READ = script(`
local ms, seq = head(KEYS[1])
local last = ms and id(ms, seq) or ''
return {string.format('%.0f', time()), redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+'), last}
`)

/** Ends a session that somebody may have loaded, unannounced. KEYS log; ARGV nonce command channel id. */
export const CLOSE = script(`
local ms, seq = head(KEYS[1])
if not ms then return 0 end
redis.call('XADD', KEYS[1], id(math.max(time(), ms), seq + 1), 'n', ARGV[1], 'c', ARGV[2])
redis.call('SPUBLISH', ARGV[3], string.format('%.0f', seq + 1) .. ' ' .. ARGV[4])
return 1
`)

/**
 * Stores a snapshot, "id sum body", and drops exactly the entries that it covers. KEYS log snap; ARGV id sum
 * body ttl. Replies `ok`; `old` if there already is one of this place or later; `diverged` if there is one of
 * this place and shape with another sum.
 */
export const SNAPSHOT = script(`
local oldId, oldSum = string.match(redis.call('GETRANGE', KEYS[2], 0, 127), '^(%S+) (%S+) ')
local ms, seq = string.match(ARGV[1], '^(%d+)%-(%d+)$')
if oldId then
  local oldSeq = tonumber(string.match(oldId, '%-(%d+)$'))
  local isSameShape = string.match(oldSum, '^[^:]*') == string.match(ARGV[2], '^[^:]*')
  if oldSeq == tonumber(seq) and isSameShape and oldSum ~= ARGV[2] then return 'diverged' end
  if oldSeq >= tonumber(seq) then return 'old' end
end
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', ARGV[4])
redis.call('XTRIM', KEYS[1], 'MINID', '=', id(tonumber(ms), tonumber(seq) + 1))
return 'ok'
`)

/** Where logs end. KEYS log...; replies the last id of each, or '' for a log that does not exist. */
export const HEADS = script(`
local heads = {}
for i, log in ipairs(KEYS) do
  local ms, seq = head(log)
  heads[i] = ms and id(ms, seq) or ''
end
return heads
`)

/**
 * Renews the lease of a process. KEYS nodes; ARGV member leaseMs keptMs channel. A member is `<node>
 * <semantics>`. Replies the time, and every member with the time at which its lease expires.
 */
export const RENEW = script(`
local now = time()
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SPUBLISH', ARGV[4], '')
return {string.format('%.0f', now), redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}
`)

/**
 * Puts back a session that Redis has lost, wholly or at its end: a snapshot, and a log that continues after
 * it. KEYS log snap; ARGV id sum body ttl head. `head` is where the log ended when the loss was noticed, ''
 * if there was none.
 * Replies `ok`, or `moved` if the log ends somewhere else by now.
 */
export const REBUILD = script(`
local ms, seq = head(KEYS[1])
if (ms and id(ms, seq) or '') ~= ARGV[5] then return 'moved' end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', ARGV[4])
redis.call('XADD', KEYS[1], ARGV[1], 'n', '', 'c', '')
redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 'ok'
`)
