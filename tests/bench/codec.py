"""codec.py PROGRAM [--budget] - instructions a record, by callgrind.

The count is the same on every run and under any load, so `make test` holds it
to the budget: with --budget the exit code is 1 when it is exceeded.
"""
import re
import subprocess
import sys

RECORDS = 100_000
BUDGET = {"encode": 60, "decode": 100}


def instructions(program, what):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         program, str(RECORDS), what], check=True, text=True,
        capture_output=True, timeout=120)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def count(program):
    loop = instructions(program, "neither")
    return {what: (instructions(program, what) - loop) / RECORDS
            for what in BUDGET}


def main():
    found = count(sys.argv[1])
    for what, n in found.items():
        print(f"{what}: {n:.1f} instructions a record, "
              f"{BUDGET[what]} are allowed")
    if "--budget" in sys.argv[2:]:
        sys.exit(any(n > BUDGET[what] for what, n in found.items()))


if __name__ == "__main__":
    main()
