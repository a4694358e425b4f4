"""What a program shows of itself in the files that it keeps mapped.

    shown.py prices FILE         of each match: match, count, last, previous,
                                 low, high, prices in ticks
    shown.py elsewhere FILE      how many prices have no row there
    shown.py latency FILE        how many values record_latency_ns has, the
                                 least one and the largest, in ns
"""
import struct
import sys

what, path = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()

if what == "latency":
    n = struct.unpack_from("8xI", data)[0]
    at, histograms = 16 + 8 * n, 16 + 8 * n + 224 * n
    for i in range(n):
        name, kind = struct.unpack_from("40s176xQ", data, at + 224 * i)
        if name.rstrip(b"\0") == b"record_latency_ns":
            break
        histograms += (16 + 8 * 7424) * (kind == 2)
    count, most = struct.unpack_from("QQ", data, histograms)
    counts = struct.unpack_from("7424Q", data, histograms + 16)
    assert sum(counts) == count
    first = next((i for i, c in enumerate(counts) if c), 0)
    shift = 0 if first < 256 else first // 128 - 1
    print(count, (first - shift * 128) << shift, most)
elif what == "elsewhere":
    print(struct.unpack_from("16xQ", data)[0])
else:
    for match in range(100, 1000):
        count, *prices = struct.unpack_from("Q4I", data, 24 + 24 * (match - 100))
        if count:
            last, previous, low, high = prices
            print(match, count, last, previous if count > 1 else last, low, high)
