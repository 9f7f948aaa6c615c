"""Measures the same telemetry over each protocol to a mote-hub on this machine, with TLS: bytes on the wire, and instructions with
callgrind. Prints a table, and writes OUT/protocols.json. Fails when the hub has had fewer messages, or more.

usage: protocols.py OUT MOTE_HUB PROTOCOLS [quick]    quick: a few messages, no instructions, and nothing written
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

out, hub_program, program = pathlib.Path(sys.argv[1]), *sys.argv[2:4]
is_quick = sys.argv[4:] == ["quick"]
FEW, MANY = (100, 200) if is_quick else (1000, 2000)
# What is measured, and how it is called in the figures.
WAYS = {"mqtt": "MQTT", "websocket": "WebSocket", "https": "HTTPS", "batch": "HTTPS, 100 a batch"}
BATCH, MESSAGES_A_DAY = 100, 24 * 6
# How often an hour of silence has what keeps the connection alive: MQTT's 240 seconds, HTTPS's 25 minutes between questions.
IDLE = {"mqtt": 3600 / 240, "websocket": 3600 / 240, "https": 3600 / 1500}


def profile(file):
    """Instructions by whose they are: Mote's (its port and the loop around it too), mbedTLS's, and the rest."""
    costs, names, owner, is_call = {"mote": 0, "mbedtls": 0, "rest": 0}, {}, "rest", False
    for line in file.read_text().splitlines():
        if match := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            if match[2]:
                names[match[1]] = match[2]
            name = os.path.basename(names[match[1]])
            owner = "mote" if name == os.path.basename(program) else "mbedtls" if name.startswith("libmbed") else "rest"
        elif match := re.match(r"cob=\((\d+)\) (.*)$", line):
            names[match[1]] = match[2]
        elif line.startswith("calls="):
            # The line after it has what the callee cost.
            is_call = True
        elif re.match(r"[+\-*\d]", line):
            if not is_call:
                costs[owner] += int(line.split()[1])
            is_call = False
        elif line.startswith("totals:"):
            assert sum(costs.values()) == int(line.split()[1]), "a line was read wrongly"
    return costs


class Hub:
    def __init__(self, folder, log):
        self.process = subprocess.Popen(
            [hub_program, "serve", "--data", folder + "/state", "--port-mqtt", "0", "--port-https", "0", "--port-web", "0", "--json"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        greeting = json.loads(self.process.stdout.readline())
        ports = greeting["ports"]
        self.environment = {way: dict(
            os.environ, MOTE_DEVICE=greeting["deviceConnectionString"], MOTE_CA=greeting["caFile"],
            MOTE_PORT=str(ports["mqtt" if way == "mqtt" else "https"])) for way in WAYS}
        self.device = re.search("DeviceId=([^;]*)", greeting["deviceConnectionString"])[1]
        self.folder, self.events = folder + "/state", folder + "/events"
        with open(self.events, "wb") as events:
            self.monitor = subprocess.Popen([hub_program, "monitor", "--json", "--data", self.folder], stdout=events, stderr=log)
        self.sent = 0
        self.await_mark("first")

    def await_mark(self, mark):
        """Returns when the monitor has told of something that was done here: what was before is told too."""
        for _ in range(100):
            command = [hub_program, "twin", "update", self.device, "--data", self.folder, "--tags", json.dumps({"mark": mark})]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if f'"mark":"{mark}"' in pathlib.Path(self.events).read_text(encoding="utf-8"):
                return
        sys.exit("the monitor tells nothing")

    def told(self):
        """How many messages the hub has had."""
        self.await_mark("last")
        return pathlib.Path(self.events).read_text(encoding="utf-8").count('"kind":"telemetry"')

    def stop(self):
        for process in (self.monitor, self.process):
            process.terminate()
            process.wait()

    def run(self, way, job, *command):
        """What the program printed, {name: bytes}."""
        self.sent += int(job) if job.isdigit() else 0
        text = subprocess.run([*command, program, way, job], env=self.environment[way], check=True, capture_output=True, text=True).stdout
        return {name: int(value) for name, value in (line.split() for line in text.splitlines())}

    def instructions(self, way, job):
        file = out / f"callgrind-{way}-{job}"
        self.run(way, job, "valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={file}")
        return profile(file)


def measure(hub, way):
    """Yields job, unit and value. The connection of a batch is HTTPS's."""
    few, many, again = (hub.run(way, job) for job in (str(FEW), str(MANY), "again"))
    message = {name: (many["messages-" + name] - few["messages-" + name]) / (MANY - FEW) for name in ("sent", "received")}
    for direction, value in message.items():
        yield f"message-{direction}", "bytes", value
    day = MESSAGES_A_DAY * sum(message.values())
    if way == "batch":
        day += MESSAGES_A_DAY / BATCH * sum(again.values())
    else:
        for direction in message:
            yield f"connection-{direction}", "bytes", few[f"connection-{direction}"]
            yield f"connection-again-{direction}", "bytes", again[f"again-{direction}"]
        exchange = hub.run(way, "idle")
        idle_hour = IDLE[way] * sum(exchange.values())
        yield "idle-once", "bytes", sum(exchange.values())
        yield "idle-hour", "bytes", idle_hour
        day += MESSAGES_A_DAY * sum(again.values()) if way == "https" else 24 * idle_hour
    yield "day", "bytes", day
    if is_quick:
        return
    few, many = (hub.instructions(way, job) for job in (str(FEW), str(MANY)))
    for whose, count in many.items():
        yield f"message-{whose}", "instructions", (count - few[whose]) / (MANY - FEW)
    if way != "batch":
        nothing, once, twice = (hub.instructions(way, job) for job in ("nothing", "0", "again"))
        for whose, count in once.items():
            yield f"connection-{whose}", "instructions", count - nothing[whose]
            yield f"connection-again-{whose}", "instructions", twice[whose] - count


def main():
    figures = []
    with tempfile.TemporaryDirectory() as folder, open(folder + "/log", "w", encoding="utf-8") as log:
        hub = Hub(folder, log)
        try:
            for way, name in WAYS.items():
                for job, unit, value in measure(hub, way):
                    figures.append({"job": "protocol-" + job, "client": name, "unit": unit, "value": round(value, 1)})
                    print(f"{name:<20}{job:<27}{value:>14,.1f} {unit}", flush=True)
            told = hub.told()
        finally:
            hub.stop()
    print(f"the devices sent {hub.sent} messages, and the hub had {told}", flush=True)
    if told != hub.sent:
        sys.exit("a message was lost, or came twice")
    if not is_quick:
        out.joinpath("protocols.json").write_text("[\n" + ",\n".join("  " + json.dumps(figure) for figure in figures) + "\n]\n")


main()
