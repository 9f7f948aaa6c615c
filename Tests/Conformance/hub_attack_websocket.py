"""Attacks on a hub's WebSocket. Each is a function that returns the connections that stay open while others are served, and fails
with an assertion when the hub does not do what it should."""

import random

from hub_target import MIB, end_of_input, flood, packet, rest, send

MASK = b"mask"


def opened(target):
    """A WebSocket that has said nothing."""
    connection = target.tls("https")
    connection.sendall(
        b"GET /$iothub/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(1)
        assert piece, f"no WebSocket: {answer}"
        answer += piece
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    return connection


def frame(payload, first=0x82, mask=MASK, length=None):
    """A frame of a client's (RFC 6455, 5.2); with `length` one that claims to be of another length."""
    size, masked = len(payload) if length is None else length, 0x80 if mask else 0
    if size < 126:
        head = bytes([first, masked | size])
    elif size < 1 << 16:
        head = bytes([first, masked | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, masked | 127]) + size.to_bytes(8, "big")
    pattern = (mask * (len(payload) // 4 + 1))[: len(payload)] if mask else bytes(len(payload))
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(len(payload), "big")


def frames(hub):
    """Frames that are none, that are not for a hub, or that come where they may not; and half ones."""
    connect, noise = packet(0x10, hub.connect_body()), random.Random(5)
    good = frame(connect)
    bad = [frame(connect, mask=b""), frame(b""), frame(b"x", 0x81), frame(connect, 0x80), frame(connect[:5], 0x02) + frame(connect[5:], 0x82)]
    bad += [frame(connect, 0x82 | bit) for bit in (0x10, 0x20, 0x40)] + [frame(b"x", 0x80 | opcode) for opcode in range(16)]
    bad += [frame(b"x", opcode) for opcode in (8, 9, 10)] + [frame(b"x" * 126, 0x80 | opcode) for opcode in (8, 9, 10)]
    bad += [frame(code.to_bytes(2, "big") + b"\xff", 0x88) for code in (0, 999, 1005, 65_535)]
    bad += [b"\x82\xfe\0\1mask" + good[6:7], b"\x82\xff" + bytes(8) + b"mask"]
    bad += [frame(b"", length=length) + bytes(1000) for length in (1 << 20, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)]
    bad += [good[:length] for length in range(1, len(good), 9)] + [noise.randbytes(noise.randrange(1, 2000)) for _ in range(60)]
    bad += [good + frame(b"x", 0x88) + good, frame(packet(0x30, length=268_435_455)), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    for start in bad:
        connection = opened(hub)
        send(connection, start)
        end_of_input(connection)
        rest(connection)
    slow = opened(hub)
    for byte in connect[:-1]:
        slow.sendall(frame(bytes([byte])) + frame(b"", 0x8A))
    slow.sendall(frame(connect[-1:]))
    answer = b""
    while len(answer) < 6 and (piece := slow.recv(6)):
        answer += piece
    assert answer == b"\x82\x04\x20\x02\x00\x00", f"a CONNECT of a byte a frame is answered with {answer.hex()}"
    return [slow]


def half_frames(hub):
    """Frames of 500 KiB whose last byte does not come, from clients that have not said who they are: they are not waited for.
    Frames of 90 KiB are."""
    held = []
    for _ in range(100):
        connection = opened(hub)
        send(connection, frame(b"", length=500 * 1024) + bytes(500 * 1024 - 1))
        rest(connection)
        connection = opened(hub)
        send(connection, frame(b"", length=90 * 1024) + bytes(90 * 1024 - 1))
        held.append(connection)
    return held


def floods(hub):
    """Frames without an end; pings whose answers nobody takes; what goes on after Close."""
    for start, piece in (
        (b"", frame(b"x" * 16_384)), (frame(b"", length=1 << 62), bytes(16_384)), (frame(b"\x03\xe8", 0x88), frame(b"x" * 16_384)),
        (b"", frame(b"", 0x02) + frame(b"", 0x00) * 5000), (frame(packet(0x10, hub.connect_body())), frame(b"p" * 125, 0x89) * 100),
    ):
        connection = opened(hub)
        connection.settimeout(5)
        flood(connection, start, piece, most=16 * MIB)
        connection.close()
    return []
