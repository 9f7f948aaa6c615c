#!/usr/bin/env python3
"""A server on 127.0.0.1 with a fault. It prints its port once it listens, and serves until it is ended.

    faults.py silent                           takes connections and says nothing
    faults.py closing CERTIFICATE KEY          TLS: reads CONNECT, and closes
    faults.py refusing CERTIFICATE KEY CODE    TLS: answers CONNECT with that return code
    faults.py displacing CERTIFICATE KEY MS    TLS: accepts CONNECT, and closes after so many milliseconds
    faults.py flooding CERTIFICATE KEY         TLS: accepts CONNECT, and sends messages without end
    faults.py dripping CERTIFICATE KEY MS      TLS: answers a request with a header that never ends, a byte each so many
                                               milliseconds
    faults.py https CERTIFICATE KEY FOLDER     TLS: answers each request with FOLDER/answer, and keeps it as FOLDER/request;
                                               {DATE} in the answer is the time, moved by the seconds in FOLDER/skew; {TOKEN} is
                                               the authorization that came

CERTIFICATE may be followed by a comma and a CA whose certificates the client has to show.
"""
import email.utils
import os
import socket
import ssl
import sys
import threading
import time


def until(stream, is_whole):
    """What comes until it is whole, or the client ends."""
    received = b""
    while not is_whole(received):
        piece = stream.recv(4096)
        if not piece:
            break
        received += piece
    return received


def has_connect(received):
    # Remaining Length has one or two bytes here, as a CONNECT with a token has.
    if len(received) < 3:
        return False
    length = received[1] & 0x7F
    size = 2
    if received[1] & 0x80:
        length += received[2] << 7
        size = 3
    return len(received) >= size + length


def silent(stream):
    stream.recv(1)
    time.sleep(3600)


def closing(stream):
    until(stream, has_connect)


def refusing(stream, code):
    until(stream, has_connect)
    stream.sendall(bytes([0x20, 2, 0, int(code)]))


def displacing(stream, milliseconds):
    until(stream, has_connect)
    stream.sendall(b"\x20\x02\x00\x00")
    time.sleep(int(milliseconds) / 1000)


def flooding(stream):
    until(stream, has_connect)
    stream.sendall(b"\x20\x02\x00\x00")
    while True:
        stream.sendall(b"\x30\x04\x00\x01ab" * 500)


def dripping(stream, milliseconds):
    until(stream, lambda received: b"\r\n\r\n" in received)
    stream.sendall(b"HTTP/1.1 401 Unauthorized\r\nX: ")
    while True:
        stream.sendall(b"a")
        time.sleep(int(milliseconds) / 1000)


def https(stream, folder):
    def path(name):
        return os.path.join(folder, name)

    request = until(stream, lambda received: b"\r\n\r\n" in received)
    with open(path("request"), "wb") as file:
        file.write(request)
    with open(path("answer"), encoding="utf-8", newline="") as file:
        answer = file.read()
    with open(path("skew"), encoding="ascii") as file:
        date = email.utils.formatdate(time.time() + int(file.read()), usegmt=True)
    fields = [line.partition(": ")[2] for line in request.decode().split("\r\n") if line.startswith("Authorization")]
    answer = answer.replace("{DATE}", date).replace("{TOKEN}", "".join(fields))
    stream.sendall(answer.encode())


def main():
    kind, *rest = sys.argv[1:]
    kinds = [silent, closing, refusing, displacing, flooding, dripping, https]
    work = {function.__name__: function for function in kinds}[kind]
    context = None
    if kind != "silent":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, _, authority = rest.pop(0).partition(",")
        context.load_cert_chain(certificate, rest.pop(0))
        if authority:
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_REQUIRED

    def serve(connection):
        try:
            with connection, context.wrap_socket(connection, server_side=True) if context else connection as stream:
                work(stream, *rest)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()


main()
