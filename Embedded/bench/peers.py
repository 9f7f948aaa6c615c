"""Runs the clients in FOLDER, peer-NAME each, against the broker on PORT of localhost; prints versions, a table and how the
figures stand to the goals, and writes FOLDER/peers.json. Fails only when a client does.

usage: peers.py FOLDER PORT CA_FILE [quick]

A timed job runs five times for each client, in turn, so that what else the machine does meets all of them; its value is
the median. With `quick` only Mote's clients run, once, with a few messages.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys

CLIENTS = ["mote", "libmosquitto", "paho-c"]
RUNS = 5
# Name, what the programs call it, how often a run does it, unit, and what makes a value of seconds and that number.
TIMED = [
    ("throughput-qos0-tls", "qos0", 150_000, "messages/s", lambda seconds, count: count / seconds),
    ("throughput-qos1-tls", "qos1", 40_000, "messages/s", lambda seconds, count: count / seconds),
    ("round-trip-tls", "round-trip", 20_000, "us", lambda seconds, count: seconds / count * 1e6),
    ("connect-tls", "connect", 100, "ms", lambda seconds, count: seconds / count * 1e3),
    ("reconnect-tls", "reconnect", 100, "ms", lambda seconds, count: seconds / count * 1e3),
]
# Paho sleeps a tenth of a second in each connect.
COUNTS = {("paho-c", "connect"): 10, ("paho-c", "reconnect"): 10}
# Who receives what it publishes: Mote's device client receives from the hub's own topic alone.
PROGRAMS = {("mote", "round-trip"): "mote-session"}
TLS = ("libmbed", "libssl", "libcrypto")
SYSTEM = ("libc.", "ld-")


class Bench:
    """The programs and their broker."""

    def __init__(self, folder, port, ca_file):
        self.folder, self.place = folder, ["localhost", port, ca_file]

    def run(self, client, job, count, **environment):
        """Seconds, KiB at most, connections resumed."""
        program = self.folder / f"peer-{PROGRAMS.get((client, job), client)}"
        command = [program, job, str(count), *self.place]
        done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ | environment, timeout=120, check=True)
        seconds, memory, resumed = done.stdout.split()
        return float(seconds), int(memory), int(resumed)

    def version(self, client):
        program = self.folder / f"peer-{client}"
        return subprocess.run([program, "version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()

    def allocations(self, client, job, count):
        """How often client, TLS library and system allocated, and the most bytes allocated at once."""
        file = self.folder / "allocations"
        shim = self.folder / "allocations.so"
        file.unlink(missing_ok=True)
        self.run(client, job, count, LD_PRELOAD=str(shim.resolve()), ALLOCATIONS=str(file))
        by = {"client": 0, "tls": 0, "system": 0, "peak": 0}
        for name, number in map(str.split, file.read_text().splitlines()):
            kind = "tls" if name.startswith(TLS) else "system" if name.startswith(SYSTEM) else "client"
            by["peak" if name == "peak" else kind] += int(number)
        return by


def timed(bench, clients, runs, divisor):
    """A figure for each job and client, and the peak memory of the QoS 1 job."""
    figures, memory = [], {}
    for name, job, often, unit, value in TIMED:
        values, resumed = {client: [] for client in clients}, {}
        for _ in range(runs):
            for client in clients:
                count = max(2, COUNTS.get((client, job), often) // divisor)
                seconds, kibibytes, resumptions = bench.run(client, job, count)
                values[client].append(value(seconds, count))
                resumed[client] = resumptions / count
                if job == "qos1":
                    memory[client] = max(memory.get(client, 0), kibibytes)
        for client in clients:
            figure = {"job": name, "client": client, "unit": unit, "value": statistics.median(values[client])}
            figure["runs"] = values[client]
            if job == "reconnect":
                figure["resumed"] = resumed[client]
            figures.append(figure)
    return figures + [
        {"job": "peak-memory", "client": client, "unit": "KiB", "value": memory[client]} for client in clients
    ]


def counted(bench, clients):
    """What clients allocate, of their own accord and through their TLS library. A message: 2,000 more of them."""
    figures = []
    for client in clients:
        few, many = (bench.allocations(client, "qos1", count) for count in (1000, 3000))
        rows = [
            ("allocations-qos1", "allocations/message", (many["client"] - few["client"]) / 2000),
            # Rounded: a handshake's own vary by a few.
            ("allocations-qos1-tls-library", "allocations/message", round((many["tls"] - few["tls"]) / 2000, 1)),
            ("allocations-1000-qos1", "allocations", few["client"]),
            ("peak-heap", "KiB", many["peak"] / 1024),
        ]
        figures += [{"job": job, "client": client, "unit": unit, "value": value} for job, unit, value in rows]
    return figures


def shown(value):
    """A number with three figures or more."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def print_table(figures, clients):
    print(f"{'job':29}{'unit':21}" + "".join(f"{client:>14}" for client in clients))
    for job, unit in dict.fromkeys((figure["job"], figure["unit"]) for figure in figures):
        values = [figure for figure in figures if figure["job"] == job]
        print(f"{job:29}{unit:21}" + "".join(f"{shown(figure['value']):>14}" for figure in values))
        spread = [f"{shown(min(figure['runs']))}–{shown(max(figure['runs']))}" for figure in values if "runs" in figure]
        if spread:
            print(f"{'':50}" + "".join(f"{text:>14}" for text in spread))


def print_verdicts(figures):
    value = {(figure["job"], figure["client"]): figure["value"] for figure in figures}
    rows = []
    for job in ("throughput-qos0-tls", "throughput-qos1-tls"):
        share = value[job, "mote"] / value[job, "libmosquitto"]
        rows.append((f"{job}: {share:.0%} of libmosquitto, at least 95 % wanted", share >= 0.95))
    share = value["round-trip-tls", "libmosquitto"] / value["round-trip-tls", "mote"]
    rows.append((f"round-trip-tls: {share:.2f} times as fast as libmosquitto, more than 1 wanted", share > 1))
    times = value["connect-tls", "mote"] / value["reconnect-tls", "mote"]
    resumed = next(figure["resumed"] for figure in figures if figure["job"] == "reconnect-tls")
    text = f"reconnect-tls: {times:.1f} times as fast as connect-tls, at least 3 wanted; {resumed:.0%} resumed"
    rows.append((text, times >= 3))
    number = value["allocations-1000-qos1", "mote"]
    rows.append((f"allocations by Mote: {number}, none wanted", number == 0))
    for text, is_met in rows:
        print(f"{'met' if is_met else 'MISSED':7} {text}")


def main():
    folder, port, ca_file = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    is_quick = "quick" in sys.argv[4:]
    clients = CLIENTS[:1] if is_quick else CLIENTS
    bench = Bench(folder, port, ca_file)
    figures = timed(bench, clients, 1 if is_quick else RUNS, 200 if is_quick else 1) + counted(bench, clients)
    versions = {client: bench.version(client) for client in clients}
    for figure in figures:
        figure["version"] = versions[figure["client"]]
    if not is_quick:
        rows = ",\n".join("  " + json.dumps(figure) for figure in figures)
        (folder / "peers.json").write_text(f"[\n{rows}\n]\n")
    print("\n".join(versions.values()))
    print_table(figures, clients)
    if not is_quick:
        print_verdicts(figures)


main()
