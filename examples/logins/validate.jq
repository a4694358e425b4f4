# What becomes of a login, for feed.map of pf-processor: one that is complete and
# of an app that is still supported goes on, with its time as a date and the time
# when it was processed. Any other is refused with the reason.

def devices: ["android", "ios", "web"];
def minimum: [2, 3, 0];

# The names of the members that it has to have and has not.
def missing:
  . as $login
  | ["user_id", "app_version", "device_type", "ip", "locale", "device_id",
      "timestamp"]
  | map(select($login[.] == null));

# What was found, for a reason.
def shown: tojson | if length > 40 then .[:37] + "..." else . end;

# The numbers of a version: those of "2.10" are [2, 10, 0], which is above
# [2, 3, 0]. As a text it would be below.
def version:
  if type == "string" and test("^[0-9]+([.][0-9]+)*$") then
    split(".") | map(tonumber) + [0, 0, 0] | .[:3]
  else
    error("app_version \(shown) is not a version")
  end;

# Up to the year 9999.
def is_time: type == "number" and . >= 0 and . < 253402300800;

if type != "object" then
  error("\(shown) is not a login")
elif missing != [] then
  error("no " + (missing | join(", ")))
elif .device_type as $type | all(devices[]; . != $type) then
  error("device_type \(.device_type | shown) is not supported")
elif (.app_version | version) < minimum then
  error("app_version \(.app_version | shown) is below "
    + (minimum | map(tostring) | join(".")))
elif .timestamp | is_time | not then
  error("timestamp \(.timestamp | shown) is not in seconds since 1970")
else
  . + {
    timestamp_utc: (.timestamp | floor | todate),
    processed_time: (now | floor | todate)
  }
end
