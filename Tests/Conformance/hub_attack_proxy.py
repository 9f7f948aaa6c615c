"""Attacks on a hub's proxy. Each is a function that returns the connections that stay open while others are served, and fails with
an assertion when the proxy does not do what it should."""

import random

import hub_attack_mqtt
from hub_attack_http import HOST, statuses
from hub_target import MIB, end_of_input, flood, packet, rest, send


def silent(hub):
    return hub_attack_mqtt.silent(hub, "proxy")


def asked(target, name):
    """A connection that has asked for a tunnel to a port of the hub."""
    connection = target.raw("proxy")
    connection.sendall(b"CONNECT localhost:%d HTTP/1.1\r\n" % target.ports[name] + HOST + b"\r\n")
    return connection


def opened(target, name):
    """A tunnel to a port of the hub."""
    connection, answer = asked(target, name), b""
    while not answer.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        assert piece, f"no tunnel: {answer}"
        answer += piece
    assert statuses(answer) == [200], answer
    return connection


def random_bytes(hub):
    """Noise, what other protocols say first, and noise through a tunnel."""
    noise = random.Random(6)
    starts = [noise.randbytes(noise.randrange(1, 5000)) for _ in range(60)]
    starts += [hub.hello(), packet(0x10, hub.connect_body()), b"\5\1\0", b"\r\n\r\n", b"GET / HTTP/1.1\n\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    for start in starts:
        connection = hub.raw("proxy")
        send(connection, start)
        end_of_input(connection)
        assert set(statuses(rest(connection))) <= {400, 405}, f"an answer to {start[:40]}"
        for name in ("mqtt", "https"):
            connection = opened(hub, name)
            send(connection, start)
            end_of_input(connection)
            rest(connection)
    return []


def elsewhere(hub):
    """Tunnels to what is not the hub's, the web page's port among it."""
    for target in ("localhost:%d" % hub.ports["web"], "localhost:%d" % hub.ports["proxy"], "localhost:22", "127.0.0.2:%d" % hub.ports["mqtt"],
                   "example.com:443", "169.254.169.254:80", "0:%d" % hub.ports["mqtt"]):
        connection = hub.raw("proxy")
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert statuses(rest(connection)) == [403], target
    return []


def bombs(hub):
    """Requests without an end, and what goes on after a refusal."""
    wait = b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST
    for start, piece in (
        (b"CONNECT ", b"x" * 16384), (b"", b"C" * 16384), (wait + b"X: ", b"x" * 16384), (wait, b"A: b\r\n" * 3000),
        (wait + b"\r\n", b"x" * 16384), (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 67108864\r\n\r\n", b"x" * 16384),
    ):
        connection = hub.raw("proxy")
        flood(connection, start, piece)
        rest(connection)
    return []


def slow(hub):
    """A request a byte at a time, which is served; and half ones."""
    held = []
    for _ in range(150):
        connection = hub.raw("proxy")
        connection.sendall(b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 60_000)
        held.append(connection)
    connection = hub.raw("proxy")
    for byte in b"CONNECT localhost:%d HTTP/1.1\r\n" % hub.ports["mqtt"] + HOST + b"\r\n":
        connection.sendall(bytes([byte]))
    assert statuses(connection.recv(1000)) == [200]
    return held + [connection]


def tunnels(hub):
    """Tunnels that nobody says anything through, and those that are gone before they are there."""
    for _ in range(500):
        asked(hub, "mqtt").close()
    return [opened(hub, name) for name in ("mqtt", "https") for _ in range(300)]


def untaken(hub):
    """Answers by the thousand, through tunnels whose users take none of them."""
    held, requests = [], (b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n") * 3_000
    for _ in range(5):
        connection = hub.context.wrap_socket(opened(hub, "https"), server_hostname="localhost")
        connection.settimeout(1)
        flood(connection, b"", requests, most=4 * MIB)
        held.append(connection)
    return held
