#include "daemon/redis/script.h"

/* clang-format off */

/* A guard that is not one of ours is damage, and no reason to refuse anything. */
#define LUA_GUARD                                                                           \
	"local mine = ARGV[1]\n"                                                            \
	"local function valid(guard)\n"                                                     \
	"  return guard and #guard == #mine and string.find(guard, '^[%d.]+$') and guard\n" \
	"end\n"                                                                             \
	"local function refuse(stored)\n"                                                   \
	"  local token = string.sub(stored, 1, 20)\n"                                       \
	"  return token > string.sub(mine, 1, 20) and token or -1\n"                        \
	"end\n"

/* HSET in pieces that fit on Lua's stack. */
#define LUA_SET                                                                                            \
	"local function set(first)\n"                                                                      \
	"  for i = first, #ARGV, 4000 do\n"                                                                \
	"    redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 3999, #ARGV)))\n"                    \
	"  end\n"                                                                                          \
	"end\n"                                                                                            \
	"local function prune(first, own)\n"                                                               \
	"  if redis.call('HLEN', KEYS[1]) == (#ARGV - first + 1) / 2 + (own and 1 or 0) then return end\n" \
	"  local wanted = {}\n"                                                                            \
	"  if own then wanted[own] = true end\n"                                                           \
	"  for i = first, #ARGV, 2 do wanted[ARGV[i]] = true end\n"                                        \
	"  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do\n"                                      \
	"    if not wanted[field] then redis.call('HDEL', KEYS[1], field) end\n"                           \
	"  end\n"                                                                                          \
	"end\n"

/* First of all the usual case: a change on top of the write that it builds on. */
static const char snapshot[] =
	"local found = redis.call('HGET', KEYS[1], '_guard')\n"
	"if found == ARGV[2] and found ~= '' and #ARGV < 4000 then\n"
	"  redis.call('HSET', KEYS[1], '_guard', ARGV[1], unpack(ARGV, 3))\n"
	"  return 1\n"
	"end\n"
	LUA_GUARD LUA_SET
	"local base = ARGV[2]\n"
	"local gone = base == '' and not found and valid(redis.pcall('GET', KEYS[2]))\n"
	"local stored = gone or valid(found)\n"
	"if stored and mine < stored then return refuse(stored) end\n"
	"if base ~= '' and base ~= stored then return stored == mine and 1 or -2 end\n"
	"redis.call('HSET', KEYS[1], '_guard', mine)\n"
	"set(3)\n"
	"if base == '' then prune(3, '_guard') end\n"
	"if gone then redis.call('DEL', KEYS[2]) end\n"
	"return 1\n";

/* What Redis may refuse comes first, so that the hash is moved only when nothing stands in the way any more. */
static const char open_hash[] =
	"if redis.call('HGET', KEYS[1], '_guard') ~= ARGV[1] then return 0 end\n"
	"redis.call('HSET', KEYS[1], '_from', ARGV[1])\n"
	"redis.call('RENAME', KEYS[1], KEYS[2])\n"
	"return 1\n";

/* Without the guard the fields are missing, too. What did not come from the hash is not made one. */
static const char close_hash[] =
	LUA_GUARD
	"if redis.call('HGET', KEYS[2], '_from') == ARGV[2] then\n"
	"  redis.call('HDEL', KEYS[2], '_from')\n"
	"  redis.call('RENAME', KEYS[2], KEYS[1])\n"
	"  return redis.call('HGET', KEYS[1], '_guard') == mine and 1 or -2\n"
	"end\n"
	"redis.call('DEL', KEYS[2])\n"
	"local stored = valid(redis.call('HGET', KEYS[1], '_guard'))\n"
	"if stored and mine < stored then return refuse(stored) end\n"
	"return stored == mine and 1 or -2\n";

/* The guard outlives a removed key by a day: what an older writer sent before, and what comes only now, does not bring the key back. Redis
 * that is full still deletes. */
#define LUA_LEAVE_GUARD "redis.pcall('SET', KEYS[2], mine, 'EX', 86400)\n"

static const char remove_hash[] =
	LUA_GUARD
	"local found = redis.call('HGET', KEYS[1], '_guard')\n"
	"local stored = valid(found or redis.pcall('GET', KEYS[2]))\n"
	"if stored and mine < stored then return refuse(stored) end\n"
	"local removed = redis.call('DEL', KEYS[1])\n"
	LUA_LEAVE_GUARD
	"return removed\n";

static const char board[] =
	LUA_GUARD
	"local found = redis.call('GET', KEYS[2])\n"
	"local stored, base, adds = valid(found), ARGV[2], {}\n"
	"if stored and mine < stored then return refuse(stored) end\n"
	"local function add()\n"
	"  if #adds > 0 then redis.call('ZADD', KEYS[1], unpack(adds)) end\n"
	"  adds = {}\n"
	"end\n"
	"redis.call('ZCARD', KEYS[1])\n" /* of the wrong type: nothing is written */
	"redis.call('SET', KEYS[2], mine)\n"
	"for i = 3, #ARGV, 2 do\n"
	"  if ARGV[i] == '' then\n"
	"    add()\n"
	"    redis.call('ZREM', KEYS[1], ARGV[i + 1])\n"
	"  else\n"
	"    adds[#adds + 1] = ARGV[i]\n"
	"    adds[#adds + 1] = ARGV[i + 1]\n"
	"  end\n"
	"end\n"
	"add()\n"
	"if base ~= '' and base ~= stored and stored ~= mine then return -2 end\n"
	"return redis.call('ZCARD', KEYS[1])\n";

static const char remove_board[] =
	LUA_GUARD
	"local stored = valid(redis.call('GET', KEYS[2]))\n"
	"if stored and mine < stored then return refuse(stored) end\n"
	"local removed = redis.call('DEL', KEYS[1])\n"
	"if removed == 0 and redis.call('PTTL', KEYS[2]) > 0 then return 0 end\n" /* removed before */
	LUA_LEAVE_GUARD
	"return removed\n";

/* The guard outlives a resolved alert by a week, so that no transition is recorded twice. A rule that is no more is known only by what
 * the hash says of it. */
static const char alert[] =
	LUA_GUARD
	"local since = string.sub(mine, 22)\n"
	"redis.call('HGET', KEYS[1], 'state')\n"
	"local stored = valid(redis.call('GET', KEYS[2]))\n"
	"if stored and string.sub(stored, 1, 20) > string.sub(mine, 1, 20) then return refuse(stored) end\n"
	"local last = stored and string.sub(stored, 22) or ''\n"
	"if last > since then return -1 end\n"
	"local from, to, how = ARGV[2], ARGV[3], ARGV[6]\n"
	"local fields = {}\n"
	"for i = 7, #ARGV do fields[#fields + 1] = ARGV[i] end\n"
	"if #fields == 0 then\n"
	"  local old = redis.call('HGETALL', KEYS[1])\n"
	"  for i = 1, #old, 2 do\n"
	"    if old[i] ~= 'state' and old[i] ~= 'since' and old[i] ~= 'end' then\n"
	"      fields[#fields + 1] = old[i]\n"
	"      fields[#fields + 1] = old[i + 1]\n"
	"    end\n"
	"  end\n"
	"end\n"
	"local again = how == 'r' and to == 'firing'\n"
	"if last < since and (how == '1' or again) then\n"
	"  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'from', from, 'to', to, 'since', ARGV[4],\n"
	"    'end', ARGV[5], 'again', again and 1 or 0, 'fingerprint', string.match(KEYS[1], '([^:]*)$'), "
	"unpack(fields))\n"
	"end\n"
	"if to == 'normal' then\n"
	"  redis.call('SET', KEYS[2], mine, 'EX', 604800)\n"
	"  redis.call('DEL', KEYS[1])\n"
	"else\n"
	"  redis.call('SET', KEYS[2], mine)\n"
	"  redis.call('HSET', KEYS[1], 'state', to, 'since', ARGV[4], 'end', ARGV[5], unpack(fields))\n"
	"end\n"
	"return 1\n";

#define LUA_NUMBER                                                                            \
	"local function number(text)\n"                                                       \
	"  return text and string.find(text, '^[1-9]%d*$') and #text <= 20 and text or '0'\n" \
	"end\n"                                                                               \
	"local function less(a, b)\n"                                                         \
	"  if #a ~= #b then return #a < #b end\n"                                             \
	"  return a < b\n"                                                                    \
	"end\n"

/* A flush that was still under way on a connection given up since may come after newer ones: it is not written. */
static const char meta[] =
	LUA_NUMBER LUA_SET
	"local stored = redis.call('HMGET', KEYS[1], 'token', 'sequence')\n"
	"local token, sequence = number(stored[1]), number(stored[2])\n"
	"if less(ARGV[1], token) then return -3 end\n"
	"if token == ARGV[1] and less(ARGV[3], sequence) then return -1 end\n"
	"set(4)\n"
	"prune(4)\n"
	"if token == ARGV[1] and not less(sequence, ARGV[2]) then return 1 end\n"
	"redis.call('HSET', KEYS[1], 'caught_up', '0')\n" /* figures are gone, too: nobody is told that they are whole */
	"return -2\n";

static const char token[] =
	"local stored = redis.call('HGET', KEYS[1], 'token') or ''\n"
	"if stored ~= ARGV[1] then return -3 end\n"
	"redis.call('HSET', KEYS[1], 'token', ARGV[2], 'sequence', '0')\n"
	"return 1\n";

/* The text begins with the instance. What never runs out is not a lease, and neither is another type: damage. */
static const char lease[] =
	"local held = redis.pcall('GET', KEYS[1])\n"
	"local text = type(held) == 'string' and held or ''\n"
	"local mine = string.sub(text, 1, #ARGV[1]) == ARGV[1]\n"
	"if text ~= '' and not mine and text ~= 'free' and text ~= ARGV[5] then\n"
	"  local left = redis.call('PTTL', KEYS[1])\n"
	"  if left >= 0 then return {text, left} end\n"
	"end\n"
	"if not held and ARGV[4] == '0' then return 0 end\n"
	"redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])\n"
	"return mine and 2 or 1\n";

/* Redis that is full still deletes. */
static const char lease_end[] =
	"local held = redis.pcall('GET', KEYS[1])\n"
	"if type(held) ~= 'string' or string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then return 0 end\n"
	"local said = redis.pcall('SET', KEYS[1], 'free', 'PX', ARGV[2])\n"
	"if said.err then redis.call('DEL', KEYS[1]) end\n"
	"return 1\n";

/* clang-format on */

const char *const script_texts[SCRIPT_COUNT] = {
	[SCRIPT_SNAPSHOT] = snapshot,
	[SCRIPT_OPEN] = open_hash,
	[SCRIPT_CLOSE] = close_hash,
	[SCRIPT_REMOVE] = remove_hash,
	[SCRIPT_BOARD] = board,
	[SCRIPT_BOARD_REMOVE] = remove_board,
	[SCRIPT_ALERT] = alert,
	[SCRIPT_META] = meta,
	[SCRIPT_TOKEN] = token,
	[SCRIPT_LEASE] = lease,
	[SCRIPT_LEASE_END] = lease_end,
};
