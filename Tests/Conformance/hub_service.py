"""The service side of a hub over HTTPS, for tests of its device side."""

import http.client
import json
import queue
import ssl
import threading
import urllib.parse

from hub_device import token


class Service:
    """Speaks to a hub with its service connection string. Events that come from now on come out of `heard`."""

    def __init__(self, connection_string, ca):
        fields = dict(field.split("=", 1) for field in connection_string.strip().split(";"))
        self.host, self.policy = fields["HostName"], fields["SharedAccessKeyName"]
        self.key, self.context = fields["SharedAccessKey"], ssl.create_default_context(cafile=ca)
        self.heard = queue.Queue()
        self.events = self.request("GET", "/emulator/events")
        threading.Thread(target=self.listen, daemon=True).start()

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPSConnection(self.host, context=self.context, timeout=60)
        headers["Authorization"] = token(self.host, self.key) + "&skn=" + self.policy
        headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        response.connection = connection
        return response

    def call(self, method, path, body=None, **headers):
        """The answer's JSON; an answer that is none of success is an error."""
        response = self.request(method, path, body, **headers)
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{response.status}: {text.decode()}")
        return json.loads(text) if text else None

    def listen(self):
        try:
            while line := self.events.readline():
                if line.startswith(b"data:"):
                    self.heard.put(json.loads(line[5:]))
        except OSError:
            pass

    def event(self, kind, device, seconds=30, **members):
        """The next event of a kind and device with these members; what came before it is dropped."""
        while True:
            event = self.heard.get(timeout=seconds)
            if event["kind"] == kind and event.get("device") == device:
                if all(event.get(name) == value for name, value in members.items()):
                    return event

    def create(self, device, authentication, module=None):
        path = "/devices/" + urllib.parse.quote(device, safe="") + (f"/modules/{module}" if module else "")
        identity = {"deviceId": device, "status": "enabled", "authentication": authentication}
        if module:
            identity["moduleId"] = module
        return self.call("PUT", path, identity)

    def disable(self, device):
        identity = {**self.call("GET", f"/devices/{device}"), "status": "disabled"}
        return self.call("PUT", f"/devices/{device}", identity, **{"If-Match": "*"})

    def send(self, device, **message):
        return self.call("POST", f"/emulator/devices/{device}/messages", message)

    def invoke(self, device, name, payload, timeout=20):
        call = {"methodName": name, "payload": payload, "responseTimeoutInSeconds": timeout}
        return self.call("POST", f"/twins/{device}/methods", call)

    def twin(self, device):
        return self.call("GET", f"/twins/{device}")

    def desire(self, device, desired):
        return self.call("PATCH", f"/twins/{device}", {"properties": {"desired": desired}})
