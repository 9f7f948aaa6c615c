"""Attacks on a hub's HTTP: its listener with TLS and, with `port` web, the one without. Each is a function that returns the
connections that stay open while others are served, and fails with an assertion when the hub does not do what it should."""

import json
import random
import re

import hub_attack_mqtt
from hub_target import end_of_input, flood, packet, rest, send, text

PORTS = ("https", "web")
HOST = b"Host: localhost\r\n"
CHUNKED = b"POST /devices HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


def statuses(received):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def half_hellos(hub):
    return hub_attack_mqtt.half_hellos(hub, "https")


def long_hellos(hub):
    return hub_attack_mqtt.long_hellos(hub, "https")


def silent_with_tls(hub):
    return hub_attack_mqtt.silent(hub, "https")


def silent_without_tls(hub):
    return hub_attack_mqtt.silent(hub, "web")


def random_bytes(hub):
    noise = random.Random(4)
    starts = [noise.randbytes(noise.randrange(1, 5000)) for _ in range(60)] + [hub.hello(), packet(0x10, hub.connect_body())]
    for start in starts:
        for port in PORTS:
            connection = hub.open(port)
            send(connection, start)
            end_of_input(connection)
            assert set(statuses(rest(connection))) <= {400}, f"an answer to {start[:40]}"
    return []


def smuggling(hub):
    """Requests of which two readers may think differently where they end. None has more than one answer, and that is 400."""
    inner = b"GET /emulator/status HTTP/1.1\r\n" + HOST + b"\r\n"
    length, chunked = b"Content-Length: %d\r\n" % len(inner), b"Transfer-Encoding: chunked\r\n"
    heads = [
        length + chunked, chunked + length, b"Content-Length: 0\r\n" + length, b"Content-Length: 0, 5\r\n",
        b"Content-Length: +5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 0x5\r\n", b"Content-Length: 5 5\r\n",
        b"Content-Length: 18446744073709551616\r\n", b"Content-Length:\r\n", b"Content-Length : 5\r\n",
        b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n", b"X: y\r\n folded\r\n", b" X: y\r\n", b"X\0: y\r\n", b"X: a\0b\r\n", b": y\r\n",
        b"X: a\rb\r\n", b"X\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ]
    chunks = [b"x\r\n", b"-1\r\n", b"0x5\r\nhello\r\n", b"5 \0\r\nhello\r\n", b"FFFFFFFFFFFFFFFFF\r\n", b"5\r\nhelloworld\r\n",
              b"5\nhello\n", b"\r\n", b"5\r\nhello0\r\n\r\n", b"+5\r\nhello\r\n"]
    starts = [b"POST /devices HTTP/1.1\r\n" + HOST + head + b"\r\n" for head in heads] + [CHUNKED + chunk for chunk in chunks]
    starts += [b"GET / HTTP/1.1\n" + HOST + b"\n", b"GET /\r\n", b"GET / HTTP/9.9\r\n\r\n",
               b"GET / http/1.1\r\n" + HOST + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GE\0T / HTTP/1.1\r\n\r\n",
               b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"]
    for start in starts:
        for port in PORTS:
            connection = hub.open(port)
            send(connection, start + inner)
            end_of_input(connection)
            answers = statuses(rest(connection))
            assert answers in ([], [400]) or answers == [400, 401], f"{start} is answered with {answers}"
    return []


def bombs(hub):
    """Requests without an end."""
    post = b"POST /devices HTTP/1.1\r\n" + HOST
    wait = b"GET / HTTP/1.1\r\n" + HOST
    for start, piece in (
        (b"GET /", b"x" * 16384), (b"", b"G" * 16384), (b"GET / HTTP/1.1", b"1" * 16384), (wait, b"x" * 16384),
        (wait + b"X: ", b"x" * 16384), (wait, b"A: b\r\n" * 3000), (wait + b"X: y\r\n", b" folded\r\n" * 2000),
        (CHUNKED, b"4000\r\n" + b"x" * 16384 + b"\r\n"), (CHUNKED, b"FFFFFFFF\r\n" + b"x" * 16384), (CHUNKED + b"0\r\n", b"a: b\r\n" * 3000),
        (post + b"Content-Length: 67108864\r\n\r\n", b"x" * 16384), (post + b"Content-Length: 9223372036854775807\r\n\r\n", b"x" * 16384),
        (wait + b"Connection: Upgrade\r\nUpgrade: x\r\n\r\n", b"x" * 16384),
        (b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"\r\n", b"x" * 16384),
    ):
        for port in PORTS:
            connection = hub.open(port)
            flood(connection, start, piece)
            rest(connection)
    return []


def slow(hub):
    """A header a byte at a time, and bodies of which the last byte never comes."""
    held = []
    for port in PORTS:
        for _ in range(50):
            connection = hub.open(port)
            for byte in b"GET / HTTP/1.1\r\nHost: local":
                connection.sendall(bytes([byte]))
            held.append(connection)
        for _ in range(400):
            connection = hub.open(port)
            flood(connection, b"POST /devices HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n", bytes(999_999), most=999_999)
            held.append(connection)
    return held


def pipelined(hub):
    """Requests by the thousand whose answers nobody takes."""
    held, requests = [], (b"GET /page.css HTTP/1.1\r\n" + HOST + b"\r\n") * 3_000
    for port in PORTS:
        for _ in range(5):
            connection = hub.open(port)
            connection.settimeout(1)
            send(connection, requests)
            held.append(connection)
    return held


def paths(hub):
    """Paths that lead out of what is served, and that are none."""
    bad = ["/%00", "/page.css%00", "/../hub.json", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
           "/..%5c..", "//etc/passwd", "/%c0%ae%c0%ae/", "/%", "/%zz", "/%e2%82", "*", "http://localhost/", "/" * 50_000, "/" + "%41" * 20_000,
           "/devices/..", "/devices/%00", "/devices/a%2fb", "/devices/%0d%0aX:%20y", "/devices/" + "a" * 129, "/devices/a%ff",
           "/twins/a/modules/", "/emulator/faults/99999999999999999999", "/emulator/faults/-1", "/emulator/faults/%C3%BC",
           "/messages/serviceBound/feedback/%22", "/devices?top=99999999999999999999", "/devices?top=%00", "/devices?after=%27%3B--",
           "/devices?=&&%3D", "/emulator/events%3f", "/devices/device-1/messages/events?api-version=%00", "/devices/device-1/messages/events?api-version",
           "/devices/device-1/messages/deviceBound/%00?api-version=1", "/devices/device-1/modules/%2e%2e/messages/events?api-version=1"]
    for path in bad:
        for method in ("GET", "PUT", "DELETE", "POST", "PATCH", "OPTIONS", "HEAD"):
            for port in PORTS:
                connection = hub.open(port)
                lines = hub.headers("Connection: close", "Content-Length: 2", "If-Match: *")
                connection.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + lines + b"\r\n{}")
                received = rest(connection)
                assert len(statuses(received)) == 1 and statuses(received)[0] < 500, f"{method} {path}: {received[:300]}"
                assert b"root:" not in received and b"X: y" not in received, f"{method} {path}: {received[:300]}"
    return []


# What each route takes, as it should be.
TWIN = {"tags": {"a": 1}, "properties": {"desired": {"b": {"c": "d"}}}}
IDENTITY = {"deviceId": "attacked", "status": "enabled", "statusReason": "", "capabilities": {"iotEdge": False}, "authentication": {
    "type": "sas", "symmetricKey": {"primaryKey": None, "secondaryKey": None}, "x509Thumbprint": {"primaryThumbprint": None}}}
ROUTES = [
    ("PUT", "/devices/attacked", IDENTITY),
    ("PUT", "/devices/attacked/modules/m", {**IDENTITY, "moduleId": "m", "managedBy": "x"}),
    ("POST", "/devices", [{"id": "attacked", "moduleId": None, "importMode": "createOrUpdate", "eTag": "*", "status": "enabled", **TWIN}]),
    ("POST", "/devices/query", {"query": "SELECT * FROM devices WHERE tags.a = 1 AND NOT (deviceId IN ['x'])"}),
    ("PATCH", "/twins/attacked", TWIN),
    ("PUT", "/twins/attacked", TWIN),
    ("PATCH", "/twins/attacked/modules/m", TWIN),
    ("POST", "/twins/attacked/methods", {"methodName": "x", "payload": {}, "connectTimeoutInSeconds": 0, "responseTimeoutInSeconds": 5}),
    ("POST", "/twins/attacked/modules/m/methods", {"methodName": "x", "payload": {}}),
    ("POST", "/emulator/devices/attacked/messages", {
        "body": "x", "messageId": "1", "correlationId": "2", "userId": "3", "contentType": "a/b", "contentEncoding": "utf-8", "ack": "full",
        "timeToLive": 60, "properties": {"a": "b"}}),
    ("POST", "/emulator/devices/attacked/messages", {"bodyBase64": "AA==", "expiry": "2030-01-01T00:00:00Z"}),
    ("POST", "/emulator/faults", {"kind": "delay", "milliseconds": 1, "device": "nobody", "module": "m", "count": 1}),
    ("POST", "/emulator/faults", {"kind": "refuse", "code": 3, "device": "nobody"}),
    ("POST", "/emulator/faults", {"kind": "failOver", "host": "127.0.0.1", "port": 70_000}),
]
WRONG = [None, True, -1, 0.5, 1e308, 2**63 - 1, "", "x" * 70_000, "\0", "\ud7ff\uffff", "2026-13-45T99:99:99Z", "9999999-01-01T00:00:00Z", "%00",
         [], [[]], {}, {"$a": 1, "a.b": 2, "": 3}, [None] * 1000]


def changed(value):
    """The value with one part of it replaced by something wrong, in every way."""
    yield from WRONG
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        for other in changed(part):
            copy = value.copy()
            copy[name] = other
            yield copy


def bodies(hub):
    """Every route of the service's API that takes a body, with bodies of wrong types, too deep, too large, and with what is no
    JSON. The hub has an answer to each, and it is not that it has failed."""
    deep = 150_000
    bad = [b"", b"\0", b"\xff\xfe", b"{", b'{"a":1,"a":2}', b"[" * deep, b'{"a":' * deep, b"[" * 60 + b"]" * 60, b'"' + b"\\" * 99_999,
           b'"\\ud800"', b"1" * deep, b"1e999999", b"-", b"[" + b"{}," * 300_000 + b"{}]", b'{"properties":' * 60 + b"1" + b"}" * 60,
           json.dumps({str(index): index for index in range(50_000)}).encode(),
           json.dumps({"query": "SELECT * FROM devices WHERE " + "NOT " * 5000 + "a = 1"}).encode(),
           json.dumps({"query": "SELECT * FROM devices WHERE " + "(" * 5000 + "a = 1"}).encode(),
           json.dumps({"query": "SELECT * FROM devices WHERE " + "a = 1 OR " * 5000 + "a = 1"}).encode(),
           json.dumps({"query": "SELECT * FROM devices WHERE " + "a." * 100_000 + "a = 1"}).encode()]
    client = Client(hub, "web")
    for method, path, template in ROUTES:
        for body in [json.dumps(value).encode() for value in changed(template)] + bad:
            client.ask(method, path, hub.headers(), body)
    batch = [{"body": "eA==", "base64Encoded": True, "properties": {"iothub-app-a": "b", "iothub-messageid": "1"}}]
    device, type_ = Client(hub, "https"), "Content-Type: application/vnd.microsoft.iothub.json"
    for body in [json.dumps(value).encode() for value in changed(batch)] + bad:
        device.ask("POST", f"/devices/{hub.device}/messages/events?api-version=2021-04-12", hub.device_headers(type_), body)
    assert client.ask("DELETE", "/emulator/faults", hub.headers())[0] == 204, "the faults are not removed"
    return []


class Client:
    """Asks one thing after the other on one connection, as long as the hub keeps it. An answer is an error that says the hub
    has failed, or that there is none."""

    def __init__(self, hub, port):
        self.hub, self.port, self.connection = hub, port, None

    def ask(self, method, path, lines, body=b""):
        what = f"{method} {path} {lines[-200:]} {body[:200]}"
        self.connection = self.connection or self.hub.open(self.port)
        self.connection.sendall(
            f"{method} {path} HTTP/1.1\r\n".encode() + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.connection.recv(65536)
            assert piece, f"{what}: no answer"
            received += piece
        head, _, answer = received.partition(b"\r\n\r\n")
        length = re.search(rb"\ncontent-length: (\d+)", head, re.IGNORECASE)
        while length and len(answer) < int(length[1]):
            answer += self.connection.recv(65536)
        status = statuses(head)[0]
        assert status < 500 or status == 504, f"{what}: {head} {answer}"
        if b"connection: close" in head.lower():
            self.connection.close()
            self.connection = None
        return status, head, answer


def headers(hub):
    """What a device says in the headers of a message, and hears in those of a message from the cloud: whatever the properties
    are, each request has an answer, and no property is another header."""
    device, events = Client(hub, "https"), f"/devices/{hub.device}/messages/events?api-version=2021-04-12"
    for more in (
        ["iothub-app-: x"], ["iothub-app-a: \xff"], ["iothub-app-a:"], ["iothub-app-a: " + "x" * 60_000], ["iothub-expiry: x"],
        ["iothub-messageid: " + "x" * 5000], ["iothub-app-a: 1"] * 200, ["Content-Type:"], ["Content-Type: ;;"], ["If-Match: \""],
        ["Authorization: x"], ["iothub-ack: %00"], [f"iothub-app-{index}: {index}" for index in range(200)],
    ):
        device.ask("POST", events, hub.device_headers(*more), b"x")
    for token in ("", "SharedAccessSignature", "SharedAccessSignature sr=&sig=&se=", "SharedAccessSignature sr=%&sig=%&se=1",
                  "SharedAccessSignature sr=localhost&sig=" + "A" * 43 + "%3D&se=99999999999999999999"):
        assert device.ask("POST", events, f"Host: localhost\r\nAuthorization: {token}\r\n".encode(), b"x")[0] == 401
    bound, client = f"/devices/{hub.device}/messages/deviceBound", Client(hub, "web")
    for properties in ({"a": "b\r\nX-Forged: y"}, {"a\r\nX-Forged: y": "b"}, {"a b": "c"}, {"a:b": "c"}, {"\u00e9": "\u00fc"}, {"a": "\0"},
                       {"a": None}, {"content-length": "0"}, {"x" * 10_000: "y" * 10_000}, {str(index): "" for index in range(300)}):
        for member, value in (("properties", properties), ("userId", next(iter(properties))), ("contentType", next(iter(properties.values())))):
            status, _, _ = client.ask(
                "POST", f"/emulator/devices/{hub.device}/messages", hub.headers(), json.dumps({"body": "x", member: value}).encode())
            if status != 201:
                continue
            status, head, answer = device.ask("GET", bound + "?api-version=2021-04-12", hub.device_headers())
            assert status == 200 and answer == b"x", f"{properties}: {head} {answer}"
            assert b"\nx-forged" not in head.lower() and b"\rx-forged" not in head.lower(), head
            token = re.search(rb'\netag: "([^"]*)"', head, re.IGNORECASE)[1].decode()
            assert device.ask("DELETE", f"{bound}/{token}?api-version=2021-04-12", hub.device_headers())[0] == 204, properties
    return []


def event_readers(hub):
    """Readers of events who never read, while there are events."""
    held = []
    for port in PORTS:
        for _ in range(30):
            connection = hub.open(port)
            connection.sendall(b"GET /emulator/events HTTP/1.1\r\n" + hub.headers() + b"\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200", "no events"
            held.append(connection)
    device, events = hub.connected(), text(f"devices/{hub.device}/messages/events/")
    for index in range(1, 201):
        device.sendall(packet(0x32, events + index.to_bytes(2, "big") + b"x" * 50_000))
        assert device.recv(4) == b"\x40\x02" + index.to_bytes(2, "big"), "a message is not acknowledged"
    return held + [device]
