"""Loads a hub with a fleet of devices, a message a second each, and prints what that costs it; writes OUT/hub.json. Fails when a
message or a connection is lost, or when the monitor has not counted what the devices have sent.

usage: hub.py OUT MOTE_HUB FLEET SECONDS DEVICES
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

out, program, fleet_program, seconds, devices = pathlib.Path(sys.argv[1]), *sys.argv[2:4], *map(int, sys.argv[4:])
TICKS = os.sysconf("SC_CLK_TCK")
BATCH = 100


def key(index):
    return base64.b64encode(hashlib.sha256(f"fleet {index}".encode()).digest()).decode()


class Service:
    """The hub's service side, for who has its connection string."""

    def __init__(self, connection_string, port):
        parts = dict(part.split("=", 1) for part in connection_string.split(";"))
        what, expiry = "localhost", int(time.time()) + 3600
        signature = hmac.new(base64.b64decode(parts["SharedAccessKey"]), f"{what}\n{expiry}".encode(), hashlib.sha256).digest()
        signature = urllib.parse.quote(base64.b64encode(signature), safe="")
        self.headers = {"Authorization": f"SharedAccessSignature sr={what}&sig={signature}&se={expiry}&skn=iothubowner"}
        self.connection = http.client.HTTPConnection("localhost", port)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body and json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)

    def register(self):
        """Makes the devices."""
        for first in range(0, devices, BATCH):
            self.ask("POST", "/devices", [
                {"id": f"fleet-{index}", "importMode": "create", "authentication": {
                    "type": "sas", "symmetricKey": {"primaryKey": key(index), "secondaryKey": key(index)}}}
                for index in range(first, min(first + BATCH, devices))
            ])

    def await_reader(self):
        """Returns when somebody reads the events."""
        while self.ask("GET", "/emulator/status")["readers"] == 0:
            time.sleep(0.05)


def processor_seconds(process):
    """What a process has used, in user mode and in the kernel for it."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process):
    """KiB in memory."""
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def machine_seconds():
    """What all processors have done that was not waiting."""
    fields = list(map(int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def counted(file, kind):
    return int(subprocess.run(["grep", "-c", f'"kind":"{kind}"', file], stdout=subprocess.PIPE, check=False).stdout)


with tempfile.TemporaryDirectory() as folder:
    state = folder + "/state"
    with open(folder + "/log", "w", encoding="utf-8") as log, open(folder + "/events", "wb") as events:
        hub = subprocess.Popen(
            [program, "serve", "--data", state, "--port-mqtt", "0", "--port-https", "0", "--port-web", "0", "--json"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        greeting = json.loads(hub.stdout.readline())
        service = Service(pathlib.Path(state + "/service-connection-string").read_text().strip(), greeting["ports"]["web"])
        service.register()
        monitor = subprocess.Popen([program, "monitor", "--json", "--data", state], stdout=events, stderr=log)
        service.await_reader()
        began = time.monotonic()
        fleet = subprocess.Popen(
            [fleet_program, str(greeting["ports"]["mqtt"]), greeting["caFile"], str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for index in range(devices):
            fleet.stdin.write(f"HostName=localhost;DeviceId=fleet-{index};SharedAccessKey={key(index)}\n")
        fleet.stdin.close()
        assert fleet.stdout.readline() == "connected\n", "the devices do not connect"
        ours = (hub.pid, fleet.pid, monitor.pid)
        connected, connecting_cost = time.monotonic() - began, processor_seconds(hub.pid)
        print(f"{devices} devices connected in {connected:.1f} s, of which the hub took {connecting_cost:.1f} s of one core", flush=True)

        before, machine_before, start = {process: processor_seconds(process) for process in ours}, machine_seconds(), time.monotonic()
        memory = []
        while time.monotonic() < start + seconds:
            time.sleep(1)
            memory.append(resident(hub.pid))
        used = {process: processor_seconds(process) - before[process] for process in ours}
        elapsed, others = time.monotonic() - start, machine_seconds() - machine_before - sum(used.values())
        result = {name: int(value) for name, value in (line.split() for line in fleet.stdout)}
        fleet_status = fleet.wait()
        # The monitor has its last lines soon: it is waited for as long as more come.
        size = -1
        while counted(folder + "/events", "telemetry") < result["sent"] and size < (now := os.path.getsize(folder + "/events")):
            size = now
            time.sleep(5)
        for process in (monitor, hub):
            process.terminate()
            process.wait()
    told, missed = counted(folder + "/events", "telemetry"), counted(folder + "/events", "missed")

messages = result["sent"]
third = memory[len(memory) // 3]
figures = [
    ("hub-connect", "ms", connecting_cost / devices * 1e3, "the hub's processor time for a connection, TLS and token"),
    ("hub-message", "us", used[hub.pid] / messages * 1e6, "the hub's processor time for a message, a monitor reading along"),
    ("hub-latency-p50", "us", result["p50"], "from a message to its acknowledgement"),
    ("hub-latency-p90", "us", result["p90"], ""),
    ("hub-latency-p99", "us", result["p99"], ""),
    ("hub-latency-max", "us", result["max"], ""),
    ("hub-memory-third", "KiB", third, "the hub's, after a third of the time"),
    ("hub-memory-end", "KiB", memory[-1], "and at its end"),
    ("hub-memory-peak", "KiB", max(memory), ""),
]
for job, unit, value, meaning in figures:
    print(f"{job:<18}{value:>12,.{2 if unit == 'ms' else 0}f} {unit:<4} {meaning}".rstrip())
print(f"{messages} messages in {elapsed:.0f} s; acknowledged {result['acknowledged']}, told by the monitor {told}, missed by it in"
      f" {missed} places, sent late {result['late']}, connections lost {result['lost']}")
print(f"of two cores' {2 * elapsed:.0f} s the hub had {used[hub.pid]:.0f}, the devices {used[fleet.pid]:.0f}, the monitor"
      f" {used[monitor.pid]:.0f}, and the rest of the machine {others:.0f}")
out.joinpath("hub.json").write_text("[\n" + ",\n".join(
    "  " + json.dumps({"job": job, "client": "mote-hub", "unit": unit, "value": value}) for job, unit, value, _ in figures) + "\n]\n")
if fleet_status or result["lost"] or missed or not messages == result["acknowledged"] == told:
    sys.exit("a message or a connection was lost")
# At first it takes what it needs.
if seconds >= 60 and memory[-1] > 1.05 * third:
    sys.exit("the hub's memory has grown")
