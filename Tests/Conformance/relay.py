#!/usr/bin/env python3
"""A relay between a client and a broker that breaks connections, as a seeded generator says.

    relay.py SEED FAULTS BROKER_PORT ADDRESS_FILE

It listens on one port of 127.0.0.1 and 127.0.0.2, of which one is open at a time; ADDRESS_FILE holds that one, and
stands for the name server's answer. The first line it prints is its port; then each fault as it strikes. After the
last fault it is an honest relay, until it is ended.

A fault waits for a connection, and strikes when a drawn count of its bytes has passed in a drawn direction: `up` to the
broker, `down` to the client, wherever in a TLS record or in the handshake that is. The same SEED draws the same faults;
what else happens in the same moment is up to the machine.
"""

import asyncio
import os
import random
import signal
import socket
import struct
import sys
import traceback

ADDRESSES = ("127.0.0.1", "127.0.0.2")

# What can happen to a connection.
KINDS = {
    "delay": "that direction stands still for a while, and goes on",
    "drop": "nothing comes through any more, in one direction or both; neither end is told, now or later",
    "cut": "both ends are closed in good order",
    "half-open": "one end is closed; the other is not told, and never read from again",
    "reset": "both ends are reset",
    "refuse": "reset, and new connections are refused for a while",
    "move": "cut, and from now on the name has the other address; the old one refuses",
}

# How many bytes pass before a fault, at most: within the handshake, and beyond it. PUBACKs are shorter than PUBLISHes.
HANDSHAKE = {"up": 1000, "down": 1500}
WORK = {"up": 5500, "down": 3000}


class Fault:
    """What is to happen, when, and to which end."""

    def __init__(self, kind, draw):
        self.kind = kind
        self.direction = "up" if draw() < 0.5 else "down"
        limit = (HANDSHAKE if draw() < 0.25 else WORK)[self.direction]
        self.after = int(draw() * limit)
        self.seconds = draw() * 0.4  # delay and refuse: how long
        self.both_ways = draw() < 0.5  # drop
        self.keeps_client = draw() < 0.5  # half-open: the client's end stays

    def __str__(self):
        more = {
            "delay": f", for {1000 * self.seconds:.0f} ms",
            "refuse": f", for {1000 * self.seconds:.0f} ms",
            "drop": ", both ways" if self.both_ways else "",
            "half-open": f", the {'client' if self.keeps_client else 'broker'} is not told",
        }
        return f"{self.kind} after {self.after} bytes {self.direction}{more.get(self.kind, '')}"


def draw_faults(seed, count):
    """As many of each kind, in random order. Only random() is used: its values are the same in every Python."""
    draw = random.Random(seed).random
    kinds = list(KINDS)
    deck = [kinds[index % len(kinds)] for index in range(count)]
    deck.sort(key=lambda _: draw())
    return [Fault(kind, draw) for kind in deck]


tasks = set()


def start(coroutine):
    """Starts a task. An error that it does not expect ends the program, and says so."""

    def ended(task):
        tasks.discard(task)
        if not task.cancelled() and task.exception():
            traceback.print_exception(task.exception())
            os._exit(1)

    task = asyncio.create_task(coroutine)
    tasks.add(task)
    task.add_done_callback(ended)
    return task


class Connection:
    """One connection of a client, carried on to the broker."""

    def __init__(self, relay, client, broker):
        self.relay = relay
        self.ends = {"up": client, "down": broker}  # by the direction that is read from them
        self.passed = {"up": 0, "down": 0}
        self.dropped = set()  # directions in which nothing comes through
        self.pumps = [start(self.pump("up", broker)), start(self.pump("down", client))]

    async def pump(self, direction, sink):
        """Carries one direction until its source ends, and then ends the sink too, unless that is not to be told."""
        loop = asyncio.get_running_loop()
        source = self.ends[direction]
        try:
            while data := await loop.sock_recv(source, 65536):
                fault = self.pending(direction)
                room = fault.after - self.passed[direction] if fault else len(data)
                if room < len(data):
                    await self.carry(direction, sink, data[:room])
                    data = data[room:]
                    if not await self.strike(self.relay.take()):
                        return
                await self.carry(direction, sink, data)
        except ConnectionError:
            pass
        if direction not in self.dropped:
            self.end(cut)

    def pending(self, direction):
        """The fault that waits for this direction. One that nobody uses any more, or that is broken already, has none."""
        fault = self.relay.pending
        is_used = self.relay.connections[-1] is self and not self.dropped
        return fault if fault and fault.direction == direction and is_used else None

    async def carry(self, direction, sink, data):
        self.passed[direction] += len(data)
        if direction not in self.dropped:
            await asyncio.get_running_loop().sock_sendall(sink, data)

    async def strike(self, fault):
        """Makes a fault happen. Whether the connection goes on."""
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            self.passed = {"up": 0, "down": 0}  # the next fault counts from here
        elif fault.kind == "drop":
            self.dropped = {"up", "down"} if fault.both_ways else {fault.direction}
        elif fault.kind == "half-open":
            self.stop()
            cut(self.ends["down" if fault.keeps_client else "up"])
        else:
            if fault.kind == "refuse":
                self.relay.refuse(fault.seconds)
            elif fault.kind == "move":
                self.relay.move()
            self.end(cut if fault.kind in ("cut", "move") else reset)
        return fault.kind in ("delay", "drop")

    def stop(self):
        for pump in self.pumps:
            if pump is not asyncio.current_task():
                pump.cancel()

    def end(self, how):
        self.stop()
        for end in self.ends.values():
            how(end)


def cut(end):
    """Ends a connection with FIN: a close while bytes are unread would be a reset, so what still comes is taken first."""

    async def drain():
        try:
            while await asyncio.get_running_loop().sock_recv(end, 65536):
                pass
        except OSError:
            pass
        end.close()

    try:
        end.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    start(drain())


def reset(end):
    """Ends a connection with RST, once the loop has forgotten who waited for it: its number may be another's then."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asyncio.get_running_loop().call_soon(end.close)


class Relay:
    """The listeners, and the faults that are still to come."""

    def __init__(self, seed, count, broker_port, address_file):
        self.faults = draw_faults(seed, count)
        self.struck = 0
        self.broker_port = broker_port
        self.address_file = address_file
        self.connections = []  # all of them: one that has an end that is not told stays open
        self.listeners = bound_listeners()
        self.port = self.listeners[0].getsockname()[1]
        self.current = 0
        self.accepting = None

    @property
    def pending(self):
        return self.faults[self.struck] if self.struck < len(self.faults) else None

    def take(self):
        fault = self.pending
        self.struck += 1
        print(f"fault {self.struck}: {fault}", flush=True)
        return fault

    def open(self):
        """Lets connections in at the current address, and tells the name server's stand-in."""
        with open(self.address_file + ".new", "w") as file:
            file.write(ADDRESSES[self.current])
        os.replace(self.address_file + ".new", self.address_file)
        self.listeners[self.current].listen()
        self.accepting = start(self.accept(self.listeners[self.current]))

    def shut(self):
        """Refuses connections. The port stays bound meanwhile, so that nobody else can take it."""
        self.accepting.cancel()
        self.listeners[self.current].shutdown(socket.SHUT_RD)

    def refuse(self, seconds):
        self.shut()
        asyncio.get_running_loop().call_later(seconds, self.open)

    def move(self):
        self.shut()
        self.current = 1 - self.current
        self.open()

    async def accept(self, listener):
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            broker = socket.socket()
            for end in (client, broker):
                end.setblocking(False)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await loop.sock_connect(broker, (ADDRESSES[0], self.broker_port))
            except OSError:
                reset(client)
                continue
            self.connections.append(Connection(self, client, broker))


def bound_listeners():
    """A socket for each address, all at one port, not listening yet."""
    for _ in range(100):
        with socket.socket() as finder:
            finder.bind((ADDRESSES[0], 0))
            port = finder.getsockname()[1]
        # Linux keeps the port of a socket that listens no more, if it was asked for by its number.
        listeners = [socket.socket() for _ in ADDRESSES]
        try:
            for listener, address in zip(listeners, ADDRESSES):
                listener.setblocking(False)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
            return listeners
        except OSError:
            for listener in listeners:
                listener.close()
    sys.exit("relay: no port is free at both addresses")


async def main():
    seed, count, broker_port, address_file = sys.argv[1:]
    relay = Relay(int(seed), int(count), int(broker_port), address_file)
    relay.open()
    print(f"listening on {relay.port}", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


asyncio.run(main())
