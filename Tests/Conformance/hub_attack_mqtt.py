"""Attacks on a hub's MQTT port. Each is a function that returns the connections that stay open while others are served, and
fails with an assertion when the hub does not end those that it should."""

import random

from hub_target import MANY, MIB, end_of_input, flood, packet, rest, send, text


def random_bytes(hub):
    """Without TLS: noise, and what other protocols say first."""
    noise = random.Random(1)
    starts = [noise.randbytes(noise.randrange(1, 5000)) for _ in range(60)]
    starts += [b"\x16\x03\x01" + noise.randbytes(500) for _ in range(20)]
    starts += [packet(0x10, hub.connect_body()), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\0" * 70_000]
    for start in starts:
        connection = hub.raw("mqtt")
        send(connection, start)
        end_of_input(connection)
        rest(connection)
    return []


def half_hellos(hub, port="mqtt"):
    """A ClientHello that is cut: half of the clients go away, half wait. One comes a byte at a time, and is a good one."""
    hello, held = hub.hello(), []
    for length in range(1, len(hello), 7):
        connection = hub.raw(port)
        connection.sendall(hello[:length])
        if length % 2:
            held.append(connection)
        else:
            end_of_input(connection)
            rest(connection)
    slow = hub.raw(port)
    for index in range(len(hello)):
        slow.sendall(hello[index : index + 1])
    assert slow.recv(5)[:1] == b"\x16", "a ClientHello that comes a byte at a time is not answered"
    return held + [slow]


def long_hellos(hub, port="mqtt"):
    """TLS records and handshake messages that claim to be as long as can be."""
    for start in (b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x40\x00\x01\xff\xff\xff\x03\x03"):
        for piece in (bytes(16384), b"\x16\x03\x01\x40\x00" + bytes(16384)):
            connection = hub.raw(port)
            flood(connection, start, piece)
            rest(connection)
    return []


def silent(hub, port="mqtt"):
    """Connections that say nothing."""
    return [hub.raw(port) for _ in range(MANY)]


def half_connects(hub):
    """After TLS, CONNECT packets of 95 KiB that are never finished."""
    body = hub.connect_body(flags=0xC6)
    held = []
    for _ in range(400):
        connection = hub.tls()
        connection.sendall(packet(0x10, body + bytes(90 * 1024 - len(body)), length=95 * 1024))
        held.append(connection)
    return held


def lengths(hub):
    """Packets of 256 MiB, of 64 MiB, and with lengths that are none; before CONNECT and after it."""
    long = [packet(header, length=length) for header in (0x10, 0x30, 0x82) for length in (268_435_455, 64 * MIB)]
    for start in long + [bytes([header]) + b"\xff" * 5 for header in (0x10, 0x30)]:
        for connection in (hub.tls(), hub.connected()):
            flood(connection, start, bytes(16384))
            rest(connection)
    return []


def bad_connects(hub):
    """CONNECT packets that are none. What is closed without a word and what gets a code is for the hub's unit tests."""
    good, noise = hub.connect_body(), random.Random(2)
    bad = [good[:length] for length in range(0, len(good) - 1, 5)]
    bad += [hub.connect_body(flags=flags) for flags in range(256) if flags != 0xC2]
    bad += [text("MQTT") + bytes([level]) + good[7:] for level in (0, 3, 5, 255)]
    bad += [text("MQTT") + good[6:10] + text(name) + good[12 + len(hub.device) :] for name in
            (b"", b"\0", b"\xff\xfe", b"a/b/c", b"a\nnotice mote-hub: forged", b"\x1b[2J", b"x" * 65_535)]
    bad += [hub.connect_body(user=user) for user in
            ("/", "localhost", f"localhost/{hub.device}/?", f"localhost/{hub.device}/?api-version=%", "x" * 65_000)]
    for body in bad:
        connection = hub.tls()
        send(connection, packet(0x10, body))
        end_of_input(connection)
        rest(connection)
    for _ in range(100):
        connection = hub.tls()
        send(connection, noise.randbytes(noise.randrange(1, 3000)))
        end_of_input(connection)
        rest(connection)
    return []


def packets(hub):
    """What a device may send, changed at random; and packets that are none."""
    events, noise = f"devices/{hub.device}/messages/events/", random.Random(3)
    good = [
        packet(0x32, text(events + "a=b&%24.ct=text%2Fplain") + b"\0\1" + b"{}"),
        packet(0x30, text("$iothub/twin/GET/?$rid=1")),
        packet(0x30, text("$iothub/twin/PATCH/properties/reported/?$rid=2") + b'{"a":1}'),
        packet(0x30, text("$iothub/methods/res/200/?$rid=1") + b"{}"),
        packet(0x82, b"\0\2" + text("$iothub/twin/res/#") + b"\1" + text("$iothub/methods/POST/#") + b"\0"),
        packet(0xA2, b"\0\3" + text("$iothub/twin/res/#")),
        packet(0x40, b"\0\1"),
        packet(0xC0),
    ]
    wrong = [bytes([header, 0]) for header in range(256)] + [bytes([header, 2, 0, 0]) for header in range(0, 256, 16)]
    wrong += [packet(0x30, text(topic)) for topic in (
        "", "#", "$SYS/x", "devices/x/messages/events/", events + "%", events + "%00=%ff", events + "&&=&=",
        "$iothub/twin/GET/", "$iothub/twin/GET/?", "$iothub/twin/GET/?$rid", "$iothub/methods/res//?$rid=1",
        "$iothub/methods/res/99999999999999999999/?$rid=1", "$iothub/methods/res/-1/?$rid=\r\nforged")]
    wrong += [packet(0x82, b"\0\1" + (text("#") + b"\1") * 20_000), packet(0xA2, b"\0\1" + text("x") * 20_000)]
    for _ in range(80):
        bytes_ = bytearray(b"".join(noise.choices(good, k=4)))
        for _ in range(noise.randrange(1, 6)):
            bytes_[noise.randrange(len(bytes_))] = noise.randrange(256)
        wrong.append(bytes(bytes_))
    for start in wrong:
        connection = hub.connected()
        send(connection, start)
        end_of_input(connection)
        rest(connection)
    return []


def long_requests(hub):
    """Topics as long as they can be: an answer's topic has the request's identifier, and more words than the request."""
    for start in ("$iothub/twin/GET/?$rid=", "$iothub/twin/PATCH/properties/reported/?$rid=",
                  "$iothub/methods/res/200/?$rid=", f"devices/{hub.device}/messages/events/x="):
        connection = hub.connected()
        connection.sendall(packet(0x82, b"\0\1" + text("$iothub/twin/res/#") + b"\0"))
        connection.sendall(packet(0x30, text(start + "r" * (65_535 - len(start))) + b"{}"))
        connection.sendall(packet(0xE0))
        rest(connection)
    return []


def long_tokens(hub):
    """Tokens that are good until the end of time."""
    return [hub.connected(expiry) for expiry in (9_999_999_999, 999_999_999_999)]


def reads_nothing(hub):
    """A device that asks without end and takes no answer; one that goes on after what ends its connection."""
    connection = hub.connected()
    connection.sendall(packet(0x82, b"\0\1" + text("$iothub/twin/res/#") + b"\0"))
    flood(connection, b"", packet(0x30, text("$iothub/twin/GET/?$rid=" + "r" * 60_000)))
    connection.close()
    connection = hub.connected()
    flood(connection, packet(0x34, text(f"devices/{hub.device}/messages/events/") + b"\0\1"), bytes(16384))
    rest(connection)
    return []
