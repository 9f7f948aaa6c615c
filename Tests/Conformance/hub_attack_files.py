"""Attacks on a hub's files, with a device's key: what is asked and told, and its storage. Each is a function that returns the
connections that stay open while others are served, and fails with an assertion when the hub does not do what it should."""

import json
import random
import urllib.parse

from hub_attack_http import Client, changed, statuses
from hub_target import MIB, flood

HOST = b"Host: localhost\r\n"


def asked(target, name):
    """Asks for a file; returns the path and query of it."""
    path = f"/devices/{target.device}/files?api-version=2021-04-12"
    status, _, answer = Client(target, "https").ask("POST", path, target.device_headers(), json.dumps({"blobName": name}).encode())
    assert status == 200, answer
    info = json.loads(answer)
    return f"/{info['containerName']}/{urllib.parse.quote(info['blobName'], safe='')}{info['sasToken']}"


def asks(hub):
    """What is asked and told with wrong types. The hub has an answer to each, and it is not that it has failed."""
    device, path = Client(hub, "https"), f"/devices/{hub.device}/files"
    told = {"correlationId": "x", "isSuccess": True, "statusCode": 200, "statusDescription": "OK"}
    for part, template in (("", {"blobName": "x"}), ("/notifications", told), ("/notifications/x", told)):
        for value in changed(template):
            device.ask("POST", f"{path}{part}?api-version=1", hub.device_headers(), json.dumps(value).encode())
    return []


def tokens(hub):
    """Tokens that are none, or were changed by a character: each is refused."""
    path, query = asked(hub, "token").split("?")
    storage, noise = Client(hub, "https"), random.Random(5)
    bad = ["", "sig", "sig=", "sv=2018-03-28&sr=b&sig=&se=&sp=", query + "&se=9999999-01-01T00:00:00Z", query + "&sp=rwd", query + "&sig=AAAA", "%"]
    for _ in range(300):
        index = noise.randrange(len(query))
        if query[index] not in "%&=":
            bad.append(query[:index] + ("A" if query[index] != "A" else "B") + query[index + 1:])
    for other in bad:
        status, _, answer = storage.ask("PUT", f"{path}?{other}", HOST + b"x-ms-blob-type: BlockBlob\r\n", b"x")
        assert status in (400, 403), f"{other}: {status} {answer}"
    return []


def lists(hub):
    """Lists of blocks that are none, or too long, one after the other."""
    path, storage = asked(hub, "list"), Client(hub, "https")
    for body in (b"", b"\0", b"<" * MIB, b"<BlockList>" * 100_000, b"<BlockList>" + b"<Latest>QQ==</Latest>" * 300_000, b"<BlockList><Latest>" + b"x" * 6 * MIB,
                 b'<!DOCTYPE b [<!ENTITY a "' + b"x" * 1000 + b'">]><BlockList><Latest>' + b"&a;" * 1000 + b"</Latest></BlockList>",
                 b"<?xml " + b" " * MIB, b"<BlockList>" + b"<Latest>" * 300_000, b"\xff" * MIB):
        status, _, answer = storage.ask("PUT", path + "&comp=blocklist", HOST, body)
        assert status == 400, f"{body[:40]}: {status} {answer}"
    return []


def halves(hub):
    """Bodies whose second half never comes, and of those that send too much, as much as they like."""
    path, held = asked(hub, "half"), []
    for index in range(100):
        connection = hub.open("https")
        head = f"PUT {path}&comp=block&blockid=QUFB HTTP/1.1\r\n".encode() + HOST
        flood(connection, head + b"Content-Length: %d\r\n\r\n" % (100 * MIB), bytes(65_536), most=MIB)
        held.append(connection)
    for head in (f"PUT {path} HTTP/1.1\r\n".encode() + HOST + b"x-ms-blob-type: BlockBlob\r\nContent-Length: 9223372036854775807\r\n",
                 f"PUT {path} HTTP/1.1\r\n".encode() + HOST + b"x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n",
                 b"PUT /uploads/x HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999\r\n"):
        connection = hub.open("https")
        flood(connection, head + b"\r\n", b"4000\r\n" + bytes(16_384) + b"\r\n", most=32 * MIB)
        # The answer was there before the flood.
        assert statuses(connection.recv(65_536))[0] in (403, 411, 413), head
        connection.close()
    return held
