# Logins to an app, for feed.source=template; README.md describes them. The random
# numbers are: which user, which of the user's devices, version, two for the
# address; what is wrong with the login, how, and where.

# The element of an array that a number from 0 to 1 stands for.
def pick($number; $from): $from[$number * ($from | length) | floor];

# What is wrong with some of them, in parts of all.
def malformed: 0.02;
def incomplete: 0.04;
def unsupported: 0.03;
def old: 0.05;

.random as $r
# Of 20 000 users, some log in more often than others; each has two devices.
| ($r[0] * $r[0] * 20000 | floor) as $user
| (if $r[1] < 0.8 then 1 else 2 end) as $device
| {
    user_id: "u\($user)",
    app_version: pick($r[2]; ["2.3.0", "2.3.1", "2.4.0", "2.10.0", "2.10.3"]),
    device_type: (["android", "ios", "android", "web", "ios", "android"]
      | .[($user + $device) % length]),
    ip: "198.18.\($r[3] * 256 | floor).\($r[4] * 256 | floor)",
    locale: (["en_US", "de_DE", "pt_BR", "ja_JP", "en_GB", "fr_FR", "es_MX"]
      | .[$user % length]),
    device_id: "d\($user)-\($device)",
    timestamp: (.time | floor)
  }
| if $r[5] < malformed then
    tojson
    | pick($r[6]; [
        .[:1 + ($r[7] * (length - 1) | floor)],
        .[:-1] + ",}",
        (split("\"") | join("'")),
        . + .,
        "login of u\($user)"
      ])
  elif $r[5] < malformed + incomplete then
    pick($r[6]; keys_unsorted) as $name
    | if $r[7] < 0.75 then del(.[$name]) else .[$name] = null end
  elif $r[5] < malformed + incomplete + unsupported then
    .device_type = pick($r[6]; ["blackberry", "symbian", "windows_phone", "tv"])
  elif $r[5] < malformed + incomplete + unsupported + old then
    .app_version = pick($r[6]; ["0.9.12", "1.10.0", "2.2.9", "2.2.10"])
  else .
  end
