"""The official device SDK (azure-iot-device) over MQTT, or that over WebSocket, against a hub, unchanged. Ends with `N passed, N failed`."""

import argparse
import base64
import contextlib
import hashlib
import http.client
import logging
import queue
import ssl
import traceback
import urllib.parse

from azure.iot.device import IoTHubDeviceClient, IoTHubModuleClient, Message, MethodResponse, X509
from azure.iot.device.exceptions import ClientError, ConnectionFailedError, CredentialError, NoConnectionError

from hub_service import Service

arguments = argparse.ArgumentParser()
for name in ["host", "ca-file", "certificates", "service"]:
    arguments.add_argument("--" + name, required=True)
arguments.add_argument("--websockets", action="store_true")
arguments = arguments.parse_args()

PRIMARY = base64.b64encode(b"the primary key of a test").decode()
SECONDARY = base64.b64encode(b"the secondary key of a test").decode()
KEYS = {"type": "sas", "symmetricKey": {"primaryKey": PRIMARY, "secondaryKey": SECONDARY}}
TRUST = open(arguments.ca_file).read()

# What it says of connections that are lost, as some are here.
logging.getLogger("azure.iot.device").setLevel(logging.CRITICAL)
service = Service(arguments.service, arguments.ca_file)
counts = {True: 0, False: 0}


def check(test):
    """Runs a test, and counts it."""
    try:
        test()
        passed = True
    except Exception:  # whatever it is, the test has failed and the next one runs
        traceback.print_exc()
        passed = False
    counts[passed] += 1
    print(("ok     " if passed else "FAILED ") + test.__doc__, flush=True)


def equal(one, other):
    assert one == other, f"{one!r} is not {other!r}"


@contextlib.contextmanager
def connected(client):
    """Connects, and shuts the client down in any case."""
    try:
        client.connect()
        yield client
    finally:
        try:
            client.shutdown()
        except NoConnectionError:
            # The hub ended the connection, and the SDK learns of it while it says goodbye.
            client.shutdown()


def with_key(device, key=PRIMARY, module=None, **options):
    kind, text = IoTHubDeviceClient, f"HostName={arguments.host};DeviceId={device}"
    if module:
        kind, text = IoTHubModuleClient, f"{text};ModuleId={module}"
    options.setdefault("connection_retry", False)
    return connected(
        kind.create_from_connection_string(f"{text};SharedAccessKey={key}", server_verification_cert=TRUST, websockets=arguments.websockets, **options)
    )


def with_certificate(device, name):
    path = f"{arguments.certificates}/{name}"
    return connected(
        IoTHubDeviceClient.create_from_x509_certificate(
            X509(path + ".pem", path + ".key"), arguments.host, device, server_verification_cert=TRUST,
            connection_retry=False, websockets=arguments.websockets,
        )
    )


def refused(client):
    """Whether the hub does not let it in."""
    try:
        with client:
            raise AssertionError("the hub has let it in")
    except (CredentialError, ConnectionFailedError):
        pass


def keys():
    """a device connects with either key, and with no other"""
    service.create("keys", KEYS)
    for key in [PRIMARY, SECONDARY]:
        with with_key("keys", key):
            service.event("connected", "keys", protocol="mqtt")
        service.event("disconnected", "keys")
    refused(with_key("keys", base64.b64encode(b"another key of no use").decode()))
    refused(with_key("nobody"))


def disabled():
    """a disabled device loses its connection, and is not let in"""
    service.create("off", KEYS)
    with with_key("off"):
        service.disable("off")
        service.event("disconnected", "off")
    refused(with_key("off"))


def thumbprint():
    """a device connects with the certificate whose thumbprint is registered"""
    pem = open(f"{arguments.certificates}/selfsigned.pem").read()
    hashed = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    service.create("selfsigned", {"type": "selfSigned", "x509Thumbprint": {"primaryThumbprint": hashed}})
    with with_certificate("selfsigned", "selfsigned") as client:
        client.send_message("hello")
        equal(service.event("telemetry", "selfsigned")["body"], "hello")
    refused(with_certificate("selfsigned", "stranger"))
    refused(with_key("selfsigned"))


def authority():
    """a device connects with a certificate of its own that the authority vouches for"""
    service.create("vouched", {"type": "certificateAuthority"})
    with with_certificate("vouched", "vouched") as client:
        equal(client.get_twin()["reported"], {"$version": 1})
    refused(with_certificate("vouched", "stranger"))
    refused(with_certificate("vouched", "other"))


def telemetry():
    """telemetry with system and application properties, odd characters, and 255 KiB"""
    service.create("talker", KEYS)
    with with_key("talker") as client:
        message = Message('{"t":21.5}', "m-1", "utf-8", "application/json")
        message.correlation_id, message.user_id = "c&1", "ü"
        message.custom_properties.update({"site": "roof", "a b": "=&+%/é", "empty": ""})
        client.send_message(message)
        event = service.event("telemetry", "talker")
        equal(event["body"], '{"t":21.5}')
        system = event["systemProperties"]
        equal(system["messageId"], "m-1")
        equal((system["correlationId"], system["userId"]), ("c&1", "ü"))
        equal((system["contentType"], system["contentEncoding"]), ("application/json", "utf-8"))
        equal(event["properties"], {"site": "roof", "a b": "=&+%/é", "empty": ""})
        client.send_message(bytes(range(256)))
        equal(base64.b64decode(service.event("telemetry", "talker")["bodyBase64"]), bytes(range(256)))
        client.send_message("x" * 255 * 1024)
        equal(len(service.event("telemetry", "talker")["body"]), 255 * 1024)


def messages():
    """messages from the cloud, with properties, in order, those too that were sent while it was away"""
    service.create("listener", KEYS)
    heard = queue.Queue()
    service.send("listener", body="early", messageId="0")
    with with_key("listener") as client:
        client.on_message_received = heard.put
        equal(heard.get(timeout=30).data, b"early")
        service.send(
            "listener", body="hi", messageId="m:1", correlationId="c", userId="u", contentType="text/plain",
            contentEncoding="utf-8", ack="full", properties={"color": "red", "a b": "&é"},
        )
        message = heard.get(timeout=30)
        equal((message.data, message.message_id, message.correlation_id), (b"hi", "m:1", "c"))
        equal((message.user_id, message.content_type, message.content_encoding), ("u", "text/plain", "utf-8"))
        equal(message.ack, "full")
        equal(message.custom_properties, {"color": "red", "a b": "&é"})
        for index in range(10):
            service.send("listener", body=str(index))
        equal([heard.get(timeout=30).data for _ in range(10)], [str(index).encode() for index in range(10)])
        service.event("cloudMessage", "listener", stage="completed", messageId="m:1")
    equal(service.call("GET", "/emulator/devices/listener/messages"), [])


def methods():
    """methods: called and answered, several at once, unknown to a device that takes none"""
    service.create("doer", KEYS)
    with with_key("doer") as client:
        try:
            service.invoke("doer", "echo", {})
            raise AssertionError("it takes no methods yet")
        except RuntimeError as error:
            assert "404103" in str(error), error

        def answer(request):
            client.send_method_response(MethodResponse.create_from_method_request(request, 207, {"got": request.payload}))

        client.on_method_request_received = answer
        client.get_twin()  # when this has come, the subscription before it has
        for payload in [{"in": [1, "é", None]}, None, "text", 5]:
            equal(service.invoke("doer", "echo", payload), {"status": 207, "payload": {"got": payload}})


def twins():
    """a twin is read, patched by the device, and patched by the cloud"""
    service.create("twin", KEYS)
    heard = queue.Queue()
    with with_key("twin") as client:
        client.on_twin_desired_properties_patch_received = heard.put
        equal(client.get_twin(), {"desired": {"$version": 1}, "reported": {"$version": 1}})
        client.patch_twin_reported_properties({"battery": 55, "place": {"room": "é", "floor": 2}})
        client.patch_twin_reported_properties({"place": {"floor": None}})
        equal(client.get_twin()["reported"], {"battery": 55, "place": {"room": "é"}, "$version": 3})
        reported = service.twin("twin")["properties"]["reported"]
        equal((reported["battery"], reported["place"]), (55, {"room": "é"}))
        service.desire("twin", {"interval": 5, "mode": {"a": 1}})
        equal(heard.get(timeout=30), {"interval": 5, "mode": {"a": 1}, "$version": 2})
        service.desire("twin", {"mode": None})
        equal(heard.get(timeout=30), {"mode": None, "$version": 3})
        equal(client.get_twin()["desired"], {"interval": 5, "$version": 3})


def files():
    """files: asked for, put where the SDK was told, and told of; with a key and with a certificate"""
    service.create("filer", KEYS)
    service.create("certified", {"type": "certificateAuthority"})
    content = bytes(range(256)) * 5000
    for device, client in [("filer", with_key("filer")), ("certified", with_certificate("certified", "certified"))]:
        with client as client:
            info = client.get_storage_info_for_blob("dir/a b.bin")
            equal((info["hostName"], info["blobName"]), (arguments.host, device + "/dir/a b.bin"))
            storage = http.client.HTTPSConnection(info["hostName"], context=ssl.create_default_context(cadata=TRUST))
            path = f"/{info['containerName']}/{urllib.parse.quote(info['blobName'])}{info['sasToken']}"
            storage.request("PUT", path, content, {"x-ms-blob-type": "BlockBlob"})
            equal(storage.getresponse().status, 201)
            client.notify_blob_upload_status(info["correlationId"], True, 200, "done")
            equal(service.event("upload", device, stage="finished")["bytes"], len(content))
            storage.close()
            storage.request("GET", path)
            equal(storage.getresponse().read(), content)
            storage.close()
            try:
                client.notify_blob_upload_status(info["correlationId"], True, 200, "again")
                raise AssertionError("nothing is on its way")
            except ClientError:
                pass


def modules():
    """a module connects, sends, has a twin and takes methods"""
    service.create("host", KEYS)
    service.create("host", KEYS, "mod")
    with with_key("host", module="mod") as client:
        client.send_message("from a module")
        event = service.event("telemetry", "host")
        equal((event["module"], event["body"]), ("mod", "from a module"))
        client.patch_twin_reported_properties({"a": 1})
        equal(client.get_twin()["reported"], {"a": 1, "$version": 2})
        client.on_method_request_received = lambda request: client.send_method_response(
            MethodResponse.create_from_method_request(request, 200, None)
        )
        client.get_twin()
        equal(service.invoke("host/modules/mod", "go", None)["status"], 200)


def displaced():
    """a second connection of a device ends the first, whose SDK comes back"""
    service.create("double", KEYS)
    with with_key("double"):
        with with_key("double") as second:
            service.event("disconnected", "double", reason="another connection of the same identity")
            second.send_message("still here")
            equal(service.event("telemetry", "double")["body"], "still here")


def comes_back():
    """after a dropped connection the SDK comes back, its session is there, and nothing is lost"""
    service.create("steady", KEYS)
    heard = queue.Queue()
    with with_key("steady", connection_retry=True, connection_retry_interval=1) as client:
        client.on_message_received = heard.put
        service.event("connected", "steady")
        client.get_twin()
        service.call("POST", "/emulator/faults", {"kind": "drop", "device": "steady"})
        service.event("disconnected", "steady", reason="a fault: drop")
        service.send("steady", body="while away")
        service.event("connected", "steady")
        equal(heard.get(timeout=30).data, b"while away")


def odd_identifier():
    """an identifier of every punctuation mark that may be in a topic"""
    device = "a-b:c.d%e_f*h?i!j(k),l=m@n$o'p"
    service.create(device, KEYS)
    with with_key(device) as client:
        client.send_message("odd")
        equal(service.event("telemetry", device)["body"], "odd")


for test in [
    keys, disabled, thumbprint, authority, telemetry, messages, methods, twins, files, modules, displaced, comes_back, odd_identifier,
]:
    check(test)
print(f"{counts[True]} passed, {counts[False]} failed")
raise SystemExit(0 if counts[False] == 0 else 1)
