# The users of an app, for feed.source=template: one profile for each, in the order
# of their numbers.
#
#     pf-producer -X feed.source=template -X feed.template=examples/profiles/profiles.jq \
#         -X feed.template.key=user_id -X feed.seed=1 -X feed.rate=0 -X feed.count=20000 \
#         -X feed.topic=profiles
#
# sends those of the 20 000 users that log in in examples/logins/: u0 to u19999.
#
#     {"name":"Zoë Adams","email":"zoe.adams.17@example.com","user_id":"u17",
#      "created":"2025-03-14T15:09:26Z"}
#
# Names may be shared, addresses are not. Each profile was created within the three
# years before the time of its record.

# The element of an array that a number from 0 to 1 stands for: a name, and how an
# address writes it.
def pick($number; $from):
  $from[$number * ($from | length) | floor]
  | if type == "array" then . else [., ascii_downcase] end;

def first_names: [
  "Ada", "Bruno", ["Chloé", "chloe"], "Dmitri", "Esra", "Farid", "Grete", "Hugo",
  "Ines", "Jamal", "Kenji", "Leila", "Mateo", "Nadia", "Olga", "Pavel", "Quinn",
  "Rosa", ["Sören", "soeren"], "Tove", "Uma", "Victor", "Wanda", "Xin", "Yusuf",
  ["Zoë", "zoe"], ["大輔", "daisuke"]];

def last_names: [
  "Adams", "Berg", "Costa", "Dubois", "Engel", "Fischer", ["García", "garcia"],
  "Haddad", "Ito", "Jansen", "Kowalska", "Lindqvist", "Meyer", "Novak",
  ["O'Neil", "oneil"], "Petrov", "Quist", "Rossi", "Sato", "Tanaka", "Ueda",
  "Virtanen", "Weber", ["Yılmaz", "yilmaz"]];

pick(.random[0]; first_names) as $first
| pick(.random[1]; last_names) as $last
| {
    name: "\($first[0]) \($last[0])",
    email: "\($first[1]).\($last[1]).\(.seq)@example.com",
    user_id: "u\(.seq)",
    created: (.time - .random[2] * 3 * 365 * 86400 | floor | todate)
  }
