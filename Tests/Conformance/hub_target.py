"""A hub that is attacked: its ports, a device's packets and the service's key, for hub_attack_mqtt.py, _http.py, _files.py, _proxy.py and _websocket.py."""

import base64
import hashlib
import hmac
import json
import resource
import socket
import ssl
import time
import urllib.parse

_, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
# How many connections say nothing: 10,000 where this process may have as many.
MANY = min(10_000, most_files - 200)
MIB = 1 << 20


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return len(value).to_bytes(2, "big") + value


def packet(header, body=b"", length=None):
    """An MQTT packet; with `length` one that claims to be of another length."""
    rest, digits = len(body) if length is None else length, bytearray()
    while True:
        digits.append(rest % 128 | (128 if rest > 127 else 0))
        rest //= 128
        if rest == 0:
            return bytes([header]) + bytes(digits) + body


class Hub:
    """`greeting` is what `mote-hub serve --json` prints, `folder` where it keeps its files."""

    def __init__(self, greeting, folder):
        with open(greeting, encoding="utf-8") as file:
            known = json.load(file)
        self.ports, self.authority = known["ports"], known["caFile"]
        self.own = dict(part.split("=", 1) for part in known["deviceConnectionString"].split(";"))
        with open(folder + "/service-connection-string", encoding="utf-8") as file:
            self.service = dict(part.split("=", 1) for part in file.read().strip().split(";"))
        self.context = ssl.create_default_context(cafile=self.authority)

    def raw(self, name):
        """A connection to a port, without TLS."""
        return socket.create_connection(("127.0.0.1", self.ports[name]), timeout=30)

    def tls(self, name="mqtt"):
        return self.context.wrap_socket(self.raw(name), server_hostname="localhost")

    def open(self, name):
        """A connection as the port's clients have it."""
        return self.raw(name) if name == "web" else self.tls(name)

    def hello(self):
        """What a TLS client says first."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self.context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()

    @property
    def device(self):
        return self.own["DeviceId"]

    def token(self, what, key, expiry=None, policy=""):
        what, expiry = urllib.parse.quote(what, safe=""), expiry or int(time.time()) + 3600
        signature = hmac.new(base64.b64decode(key), f"{what}\n{expiry}".encode(), hashlib.sha256).digest()
        signature = urllib.parse.quote(base64.b64encode(signature), safe="")
        return f"SharedAccessSignature sr={what}&sig={signature}&se={expiry}{policy}"

    def device_token(self, expiry=None):
        return self.token(f"localhost/devices/{self.device}", self.own["SharedAccessKey"], expiry)

    def connect_body(self, flags=0xC2, user=None, expiry=None):
        user = user or f"localhost/{self.device}/?api-version=2021-04-12"
        return (text("MQTT") + bytes([4, flags, 0, 240]) + text(self.device) + text(user)
                + text(self.device_token(expiry)))

    def connected(self, expiry=None):
        """The device's connection, after CONNACK."""
        connection = self.tls()
        connection.sendall(packet(0x10, self.connect_body(expiry=expiry)))
        answer = connection.recv(4)
        assert answer == b"\x20\x02\x00\x00", f"CONNACK {answer.hex()}"
        return connection

    def headers(self, *more):
        """What every request of the service side has, and more lines."""
        return lines(self.token("localhost", self.service["SharedAccessKey"], policy="&skn=iothubowner"), more)

    def device_headers(self, *more):
        """The same for the device."""
        return lines(self.device_token(), more)


def lines(authorization, more):
    return "".join(line + "\r\n" for line in ["Host: localhost", f"Authorization: {authorization}", *more]).encode()


def rest(connection):
    """What still comes until the hub ends the connection. One that it leaves open is an error."""
    received = bytearray()
    try:
        while piece := connection.recv(65536):
            received += piece
    except (ConnectionError, ssl.SSLError):
        pass
    except TimeoutError:
        raise AssertionError(f"the hub does not end the connection; it said {bytes(received[:200])}") from None
    finally:
        connection.close()
    return bytes(received)


def flood(connection, start, piece, most=512 * MIB):
    """Sends `start` and then pieces until the hub takes no more, or has been sent more than it may have in memory."""
    sent = 0
    try:
        connection.sendall(start)
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    except (ConnectionError, ssl.SSLError, TimeoutError):
        pass


def send(connection, data):
    """Sends what the hub may not take to its end."""
    flood(connection, data, b"", most=0)


def end_of_input(connection):
    """Says that nothing more is sent, without TLS's goodbye."""
    try:
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
