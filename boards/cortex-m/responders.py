"""Names and the time for a board under test: a DNS and an SNTP responder on free UDP ports of 127.0.0.1.

usage: responders.py ADDRESS NAME…

Prints the two ports in a line, DNS first. Every NAME has ADDRESS, no other name exists. The first question for the time is
answered with a moment long past, which no device may believe, the others with this machine's.
"""

import selectors
import socket
import struct
import sys
import time

NTP_EPOCH = 2208988800  # 1970 in seconds since 1900 (RFC 5905)
LONG_PAST = 1000000000  # 2001
TYPE_A, CLASS_IN, NO_SUCH_NAME = 1, 1, 3


def name_answer(question, names, address):
    """The answer to a question of one name (RFC 1035), or None for what is none."""
    if len(question) < 17:
        return None
    identifier, _, count = struct.unpack_from(">HHH", question)
    labels, position = [], 12
    while position < len(question) and question[position]:
        labels.append(question[position + 1 : position + 1 + question[position]])
        position += 1 + question[position]
    end = position + 5
    if count != 1 or end > len(question):
        return None
    name, (kind, kin) = b".".join(labels).decode("ascii", "replace").lower(), struct.unpack_from(">HH", question, position + 1)
    is_known = name in names
    has_answer = is_known and (kind, kin) == (TYPE_A, CLASS_IN)
    print(f"dns: {name}", file=sys.stderr, flush=True)
    flags = 0x8180 if is_known else 0x8180 | NO_SUCH_NAME
    answer = struct.pack(">HHHHHH", identifier, flags, 1, int(has_answer), 0, 0) + question[12:end]
    if has_answer:
        answer += struct.pack(">HHHIH", 0xC00C, TYPE_A, CLASS_IN, 60, 4) + socket.inet_aton(address)
    return answer


def time_answer(question, seconds):
    """The answer of a server of stratum 1 (RFC 4330), or None for what is no client's question."""
    if len(question) < 48 or question[0] & 7 != 3:
        return None
    whole = int(seconds)
    stamp = struct.pack(">II", (whole + NTP_EPOCH) & 0xFFFFFFFF, int((seconds - whole) * 2**32))
    print(f"sntp: {whole}", file=sys.stderr, flush=True)
    return bytes([0x24, 1, 6, 0xEC]) + bytes(8) + b"TEST" + stamp + question[40:48] + stamp + stamp


def main():
    address, names = sys.argv[1], {name.lower() for name in sys.argv[2:]}
    dns, sntp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    selector = selectors.DefaultSelector()
    for server in (dns, sntp):
        server.bind(("127.0.0.1", 0))
        selector.register(server, selectors.EVENT_READ)
    print(dns.getsockname()[1], sntp.getsockname()[1], flush=True)
    times = iter([LONG_PAST])
    while True:
        for key, _ in selector.select():
            question, peer = key.fileobj.recvfrom(2048)
            if key.fileobj is dns:
                answer = name_answer(question, names, address)
            else:
                answer = time_answer(question, next(times, time.time()))
            if answer:
                key.fileobj.sendto(answer, peer)


main()
