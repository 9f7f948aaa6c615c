"""A device of a few lines over MQTT, which sends whatever a test tells it to: bytes that no SDK would send, too."""

import base64
import hashlib
import hmac
import queue
import socket
import ssl
import struct
import threading
import time
import urllib.parse


def _text(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">H", len(data)) + data


def _packet(first, body):
    length, out = len(body), bytearray([first])
    while True:
        length, digit = length >> 7, length & 127
        out.append(digit | (128 if length else 0))
        if not length:
            return bytes(out) + body


class Device:
    """A connected device, from its connection string. Methods are answered with 200 and their own payload. What comes is
    in the queues `messages`, `methods` and `desired`, as (topic, payload)."""

    def __init__(self, connection_string, port, authorities):
        parts = dict(part.split("=", 1) for part in connection_string.split(";"))
        host, self.name = parts["HostName"], parts["DeviceId"]
        resource, expiry = urllib.parse.quote(f"{host}/devices/{self.name}", safe=""), int(time.time()) + 3600
        signature = hmac.new(
            base64.b64decode(parts["SharedAccessKey"]), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
        token = "SharedAccessSignature sr={}&sig={}&se={}".format(
            resource, urllib.parse.quote(base64.b64encode(signature), safe=""), expiry)
        context = ssl.create_default_context(cafile=authorities)
        self._socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 20), server_hostname=host)
        self.messages, self.methods, self.desired = queue.Queue(), queue.Queue(), queue.Queue()
        self._acknowledged, self._number, self._lock = queue.Queue(), 0, threading.Lock()
        user = f"{host}/{self.name}/?api-version=2021-04-12"
        self._write(_packet(
            0x10, _text("MQTT") + b"\x04\xc0" + struct.pack(">H", 240) + _text(self.name) + _text(user) + _text(token)))
        first, body = self._read()
        if first != 0x20 or body[1]:
            raise ConnectionError(f"CONNACK {body.hex()}")
        filters = [f"devices/{self.name}/messages/devicebound/#", "$iothub/methods/POST/#", "$iothub/twin/res/#",
                   "$iothub/twin/PATCH/properties/desired/#"]
        self._write(_packet(0x82, b"\x00\x01" + b"".join(_text(f) + b"\x01" for f in filters)))
        first, body = self._read()
        if first != 0x90 or max(body[2:]) > 1:
            raise ConnectionError(f"SUBACK {body.hex()}")
        self._socket.settimeout(None)
        threading.Thread(target=self._follow, daemon=True).start()

    def send(self, payload, bag="", wait=True):
        """Telemetry at quality of service 1, with a property bag as it goes into the topic."""
        with self._lock:
            self._number = self._number % 65535 + 1
            topic = f"devices/{self.name}/messages/events/{bag}"
            self._write(_packet(0x32, _text(topic) + struct.pack(">H", self._number) + payload))
        if wait:
            self.settle(1)

    def settle(self, count):
        """Waits until the hub has acknowledged so many more messages."""
        for _ in range(count):
            self._acknowledged.get(timeout=30)

    def report(self, patch):
        """Patches the reported properties with JSON, as bytes."""
        with self._lock:
            self._write(_packet(0x30, _text("$iothub/twin/PATCH/properties/reported/?$rid=1") + patch))

    def close(self):
        """Ends the connection as a device should."""
        try:
            self._write(b"\xe0\x00")
        except OSError:
            pass
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _write(self, data):
        self._socket.sendall(data)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return data

    def _read(self):
        first, length, shift = self._exactly(1)[0], 0, 0
        while True:
            digit = self._exactly(1)[0]
            length, shift = length | (digit & 127) << shift, shift + 7
            if digit < 128:
                return first, self._exactly(length)

    def _follow(self):
        try:
            while True:
                first, body = self._read()
                if first >> 4 == 4:
                    self._acknowledged.put(body)
                elif first >> 4 == 3:
                    self._take(first, body)
        except (OSError, ConnectionError):
            pass

    def _take(self, first, body):
        end = 2 + struct.unpack(">H", body[:2])[0]
        topic = body[2:end].decode()
        if first & 6:
            identifier, end = body[end:end + 2], end + 2
            with self._lock:
                self._write(b"\x40\x02" + identifier)
        payload = body[end:]
        if topic.startswith("$iothub/methods/POST/"):
            self.methods.put((topic, payload))
            request = topic.split("$rid=")[1]
            with self._lock:
                self._write(_packet(0x30, _text(f"$iothub/methods/res/200/?$rid={request}") + payload))
        elif topic.startswith("$iothub/twin/PATCH"):
            self.desired.put((topic, payload))
        elif topic.startswith("devices/"):
            self.messages.put((topic, payload))
