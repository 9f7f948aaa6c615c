"""A device over paho-mqtt, for tests of the hub's service side: answers methods, and reports and notes twin changes."""

import base64
import hashlib
import hmac
import json
import queue
import ssl
import time
import urllib.parse

import paho.mqtt.client


def token(resource, key, seconds=3600):
    """A SAS token for a resource."""
    resource, expiry = urllib.parse.quote(resource, safe=""), int(time.time()) + seconds
    signature = hmac.new(base64.b64decode(key), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    signature = urllib.parse.quote(base64.b64encode(signature), safe="")
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}"


class Device:
    """Connected from the start. What it hears comes out of `heard`: pairs of topic and payload."""

    def __init__(self, host, port, ca, key, device, module=None, answer=None):
        self.heard = queue.Queue()
        self.answer = answer
        path = f"{host}/devices/{device}" + (f"/modules/{module}" if module else "")
        identity = f"{device}/{module}" if module else device
        self.client = paho.mqtt.client.Client(client_id=identity, clean_session=True)
        self.client.tls_set(ca, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.client.username_pw_set(f"{host}/{identity}/?api-version=2021-04-12", token(path, key))
        self.client.on_message = self.on_message
        subscribed = queue.Queue()
        filters = ["$iothub/methods/POST/#", "$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#"]
        if not module:
            filters.append(f"devices/{device}/messages/devicebound/#")
        self.client.on_connect = lambda *_: self.client.subscribe([(name, 1) for name in filters])
        self.client.on_subscribe = lambda *_: subscribed.put(True)
        self.client.connect(host, port)
        self.client.loop_start()
        subscribed.get(timeout=20)

    def on_message(self, _client, _data, message):
        self.heard.put((message.topic, message.payload))
        if message.topic.startswith("$iothub/methods/POST/") and self.answer:
            name, request = message.topic.split("/")[3:5]
            status, payload = self.answer(name, message.payload)
            self.client.publish(f"$iothub/methods/res/{status}/{request}", payload)

    def hear(self, start, seconds=20):
        """The next message whose topic begins so; what came before it is dropped."""
        while True:
            topic, payload = self.heard.get(timeout=seconds)
            if topic.startswith(start):
                return topic, payload

    def report(self, patch):
        """Reports properties; returns when the hub has them."""
        self.client.publish("$iothub/twin/PATCH/properties/reported/?$rid=1", json.dumps(patch))
        topic, _ = self.hear("$iothub/twin/res/")
        assert topic.startswith("$iothub/twin/res/204/?"), topic

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
