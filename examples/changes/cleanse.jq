# What becomes of a change that Debezium has captured, for feed.map of pf-processor:
# one form for all databases; README.md describes it. What cannot be brought into it
# is refused with the reason. The topic is DATABASE.SCHEMA.TABLE; $columns is
# columns.json.

# The time that is this number of units after 1970, with that many decimals, in
# RFC 3339.
def instant($units; $decimals):
  (. / $units | floor) as $seconds
  | if $seconds < -62135596800 or $seconds >= 253402300800 then
      error("\(.) is not a time in the years 1 to 9999")
    else
      ("000" + ($seconds | todate))[-20:-1]
      + "." + ("00000" + (. - $seconds * $units | tostring))[-$decimals:] + "Z"
    end;

# Days since 1970.
def date:
  if . < -719162 or . > 2932896 then
    error("\(.) is not a day in the years 1 to 9999")
  else
    ("000" + (. * 86400 | todate))[-20:-10]
  end;

# Microseconds, of a day or of more, or less, than that.
def clock:
  def two: if . < 10 then "0\(.)" else tostring end;
  (if . < 0 then "-" else "" end)
  + ((if . < 0 then -. else . end) as $all
    | ($all / 1000000 | floor) as $seconds
    | [$seconds / 3600, $seconds / 60 % 60, $seconds % 60]
    | map(floor | two) | join(":")
    | . + "." + ("00000" + ($all - $seconds * 1000000 | tostring))[-6:]);

# A text as the number that it is, if that keeps all of its digits.
def decimal:
  (try fromjson catch null) as $number
  | if ($number | type) == "number" and ($number | tojson) == . then $number
    else {NAN: "NaN", POSITIVE_INFINITY: "Infinity", NEGATIVE_INFINITY: "-Infinity"}[.]
      // .
    end;

# A value of a column of which columns.json says that it is of this kind.
def typed($kind):
  if . == null then .
  elif type == "array" then map(typed($kind))
  elif $kind == "decimal" then decimal
  elif $kind == "date" then date
  elif $kind == "milliseconds" then instant(1000; 3)
  elif $kind == "microseconds" then instant(1000000; 6)
  elif $kind == "clock" then clock
  elif $kind == "json" then fromjson
  else error("\($kind | tojson) in columns.json is not a kind")
  end;

# What PostgreSQL does not have in its log, because it is large and has not changed:
# a text of Debezium's is in its place, or that in base64; and where the column is a
# list or a map, one with that, with the text's bytes, or with the UUID made of it.
def unavailable:
  if type == "string" then
    . == "__debezium_unavailable_value"
    or . == "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="
    or . == "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}"
  elif type == "array" then
    . == ["__debezium_unavailable_value"]
    or . == ["X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="]
    or . == ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]
    or . == ("__debezium_unavailable_value" | explode)
  elif type == "object" then has("__debezium_unavailable_value")
  else false
  end;

# A row of a table.
def row($kinds):
  if . == null then .
  elif any(.[]; unavailable) then
    error("the log does not have all of the row: "
      + "ALTER TABLE \($record.topic | sub("^[^.]*[.]"; "")) REPLICA IDENTITY FULL")
  else
    reduce ($kinds | keys)[] as $name (.;
      if .[$name] == null then .
      else
        .[$name] = (.[$name] | try typed($kinds[$name]) catch error("\($name): \(.)"))
      end)
  end;

# A document that FerretDB has stored: $s, of each object, says of what types its
# members are, and $k in which order they come.
def stored:
  def value($type):
    def members($types):
      . as $object
      | reduce ($types["$k"] // [])[] as $name ({};
        .[$name] = ($object[$name] | value($types.p[$name])));
    if . == null then .
    elif $type.t == "date" then instant(1000; 3)
    elif $type.t == "object" then members($type["$s"])
    elif $type.t == "array" then
      [. as $array | range(length) as $i | $array[$i] | value($type.i[$i])]
    else .
    end;
  if . == null then . else
    fromjson | value({t: "object", "$s": .["$s"]})
  end;

# A document, or the key of one, that MongoDB has written as extended JSON.
def extended:
  if type == "array" then map(extended)
  elif type != "object" then .
  elif has("$date") then
    .["$date"]
    | if type == "object" then .["$numberLong"] | tonumber else . end
    | if type == "number" then instant(1000; 3) else . end
  elif has("$numberDecimal") then .["$numberDecimal"] | decimal
  elif has("$numberLong") then .["$numberLong"] | decimal
  elif has("$numberInt") then .["$numberInt"] | decimal
  elif has("$numberDouble") then .["$numberDouble"] | decimal
  elif has("$oid") then .["$oid"]
  elif has("$binary") then .["$binary"] | if type == "object" then .base64 else . end
  else . as $object | reduce keys_unsorted[] as $name ({};
    .[$name] = ($object[$name] | extended))
  end;
def written: if . == null then . else fromjson | extended end;

# Where the change is in its database's log: whole numbers that compare like a list,
# and grow from change to change of a row. A transaction of PostgreSQL may have begun
# before the one that was committed last: so that is first, if it is known. It is not
# for the first transaction after a snapshot, nor for a snapshot itself. MariaDB's
# connector gives the place where the transaction begins, for all of its changes, and
# for a snapshot that of the next one: what orders them is the topic, where each is
# once.
def position($operation):
  if .connector == "postgresql" then
    (.sequence | fromjson[0]) as $last
    | if $operation == "snapshot" or $last == null then [.lsn]
      else [([($last | tonumber), .lsn] | max), .lsn]
      end
  elif .connector == "mongodb" then [(.ts_ms / 1000 | floor), .ord]
  else [(.file | split(".") | last | tonumber), .pos]
    | if $operation == "snapshot" then . else . + [$record.offset] end
  end;

if type != "object" or (has("op") | not) then
  error("it is not a change that Debezium has captured")
else . end
| ($record.topic | split(".")) as $names
| ($columns[$record.topic] // {}) as $kinds
| ({r: "snapshot", c: "insert", u: "update", d: "delete"}[.op]
    // error("\(.op | tojson) is not an operation on a row")) as $operation
| (if .source.connector == "mongodb" then
    {before: (.before | written), after: (.after | written),
      key: {_id: ($record.key | fromjson | .id | written)}}
  elif $names[0] == "mongodb" then
    {before: (.before._jsonb | stored), after: (.after._jsonb | stored)}
    | .key = {_id: (.after // .before)._id}
  elif $record.key == null then
    error("a table without a primary key: which row has changed is not known")
  else
    {before: (.before | row($kinds)), after: (.after | row($kinds)),
      key: ($record.key | fromjson | row($kinds))}
  end) as $row
| {
    source: $names[0],
    table: ($names[2:] | join(".")),
    key: $row.key,
    operation: $operation,
    before: $row.before,
    after: $row.after,
    position: (.source | position($operation)),
    changed_at: (.source.ts_ms | instant(1000; 3)),
    captured_at: (.ts_ms | instant(1000; 3))
  }
