"""Takes a message from a hub over TLS 1.2, and prints how large its TLS records are: without header, nonce and tag."""

import socket
import ssl
import sys

host, port, ca, hub, device, password = sys.argv[1:]
OVERHEAD = 24  # AES-GCM in TLS 1.2 (RFC 5288): a nonce of 8 bytes and a tag of 16


def text(value):
    return len(value.encode()).to_bytes(2, "big") + value.encode()


def packet(header, body):
    length, rest = bytearray(), len(body)
    while True:
        length.append(rest % 128 | (128 if rest > 127 else 0))
        rest //= 128
        if rest == 0:
            return bytes([header]) + bytes(length) + body


context = ssl.create_default_context(cafile=ca)
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
wire = socket.create_connection((host, int(port)), timeout=20)
received, largest = bytearray(), {}


def more():
    """Moves bytes; counts the records that come, of which 22 is a handshake and 23 data."""
    wire.sendall(outgoing.read())
    piece = wire.recv(65536)
    assert piece, "the hub has closed the connection"
    incoming.write(piece)
    received.extend(piece)
    while len(received) >= 5 and len(received) >= 5 + int.from_bytes(received[3:5], "big"):
        kind, length = received[0], int.from_bytes(received[3:5], "big")
        largest[kind] = max(largest.get(kind, 0), length)
        del received[: 5 + length]


def wanting(action):
    while True:
        try:
            return action()
        except ssl.SSLWantReadError:
            more()


wanting(tls.do_handshake)
user = f"{hub}/{device}/?api-version=2021-04-12"
tls.write(packet(0x10, text("MQTT") + bytes([4, 0xC2, 0, 60]) + text(device) + text(user) + text(password)))
tls.write(packet(0x82, b"\0\1" + text(f"devices/{device}/messages/devicebound/#") + b"\1"))
data = b""
while data.count(b"@") < 20000:
    data += wanting(lambda: tls.read(65536))
print("handshake", largest[22])
print("data", largest[23] - OVERHEAD)
print("payload", data.count(b"@"))
