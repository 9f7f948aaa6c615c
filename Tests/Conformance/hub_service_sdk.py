"""The official service SDK (azure-iot-hub) against a hub: what it does over HTTP, unchanged. Ends with `N passed, N failed`."""

import argparse
import base64
import json
import time
import traceback

import requests
from azure.iot.hub import IoTHubHttpRuntimeManager, IoTHubRegistryManager
from azure.iot.hub.models import CloudToDeviceMethod, ExportImportDevice, QuerySpecification, Twin, TwinProperties
from azure.iot.hub.protocol.models import AuthenticationMechanism, SymmetricKey
from azure.iot.hub.sastoken import SasToken
from msrest.exceptions import HttpOperationError

from hub_device import Device

arguments = argparse.ArgumentParser()
for name in ["connection-string", "host", "mqtt-port", "ca-file"]:
    arguments.add_argument("--" + name, required=True)
arguments = arguments.parse_args()

PRIMARY = base64.b64encode(b"the primary key of a test").decode()
SECONDARY = base64.b64encode(b"the secondary key of a test").decode()
THUMBPRINT = "0123456789abcdef" * 4

registry = IoTHubRegistryManager.from_connection_string(arguments.connection_string)
counts = {True: 0, False: 0}


def connect(device, module=None, answer=None):
    return Device(arguments.host, int(arguments.mqtt_port), arguments.ca_file, PRIMARY, device, module, answer)


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


def refusal(call, *given):
    """The status and error code of a call that the hub refuses."""
    try:
        call(*given)
    except HttpOperationError as error:
        body = json.loads(error.response.text)
        assert body["Message"].startswith("ErrorCode:") and body["trackingId"], body
        return error.response.status_code, body["errorCode"]
    raise AssertionError("the hub has not refused")


def equal(one, other):
    assert one == other, f"{one!r} is not {other!r}"


def devices_with_keys():
    """a device with keys: created, read, updated under its ETag, deleted"""
    made = registry.create_device_with_sas("sas", PRIMARY, SECONDARY, "enabled", status_reason="new")
    equal((made.device_id, made.status, made.status_reason), ("sas", "enabled", "new"))
    equal((made.connection_state, made.cloud_to_device_message_count), ("Disconnected", 0))
    read = registry.get_device("sas")
    equal(read.authentication.type, "sas")
    equal(read.authentication.symmetric_key.primary_key, PRIMARY)
    equal((read.etag, read.generation_id), (made.etag, made.generation_id))
    equal(refusal(registry.create_device_with_sas, "sas", PRIMARY, SECONDARY, "enabled"), (409, 409001))
    changed = registry.update_device_with_sas("sas", made.etag, SECONDARY, PRIMARY, "disabled")
    equal((changed.status, changed.authentication.symmetric_key.primary_key), ("disabled", SECONDARY))
    equal(refusal(registry.update_device_with_sas, "sas", made.etag, PRIMARY, SECONDARY, "enabled"), (412, 412001))
    equal(registry.update_device_with_sas("sas", None, PRIMARY, SECONDARY, "enabled").status, "enabled")
    equal(refusal(registry.delete_device, "sas", made.etag), (412, 412001))
    registry.delete_device("sas")
    equal(refusal(registry.get_device, "sas"), (404, 404001))
    equal(refusal(registry.delete_device, "sas"), (404, 404001))


def devices_with_certificates():
    """devices with thumbprints and with a certificate authority"""
    registry.create_device_with_x509("x509", THUMBPRINT, None, "enabled")
    read = registry.get_device("x509")
    equal((read.authentication.type, read.authentication.x509_thumbprint.primary_thumbprint), ("selfSigned", THUMBPRINT))
    registry.update_device_with_x509("x509", read.etag, THUMBPRINT, THUMBPRINT.upper(), "enabled")
    equal(registry.get_device("x509").authentication.x509_thumbprint.secondary_thumbprint, THUMBPRINT.upper())
    registry.create_device_with_certificate_authority("ca", "enabled")
    read = registry.get_device("ca")
    equal(read.authentication.type, "certificateAuthority")
    registry.update_device_with_certificate_authority("ca", read.etag, "disabled")
    equal(registry.get_device("ca").status, "disabled")
    for name in ["x509", "ca"]:
        registry.delete_device(name)


def modules():
    """modules: created, listed, read, updated, deleted"""
    registry.create_device_with_sas("gateway", PRIMARY, SECONDARY, "enabled", iot_edge=True)
    equal(registry.get_device("gateway").capabilities.iot_edge, True)
    made = registry.create_module_with_sas("gateway", "m1", "owner", PRIMARY, SECONDARY)
    equal((made.device_id, made.module_id, made.managed_by), ("gateway", "m1", "owner"))
    registry.create_module_with_x509("gateway", "m2", "owner", THUMBPRINT, THUMBPRINT)
    registry.create_module_with_certificate_authority("gateway", "m3", "owner")
    equal([module.module_id for module in registry.get_modules("gateway")], ["m1", "m2", "m3"])
    changed = registry.update_module_with_sas("gateway", "m1", "other", made.etag, SECONDARY, PRIMARY)
    equal((changed.managed_by, registry.get_module("gateway", "m1").authentication.symmetric_key.primary_key), ("other", SECONDARY))
    registry.delete_module("gateway", "m1")
    equal(refusal(registry.get_module, "gateway", "m1"), (404, 404010))
    registry.delete_device("gateway")
    equal(refusal(registry.get_modules, "gateway"), (404, 404001))


def odd_identifiers():
    """identifiers of every allowed character"""
    odd = "-:.+%_#*?!(),=@$'"
    registry.create_device_with_sas(odd, PRIMARY, SECONDARY, "enabled")
    equal(registry.get_device(odd).device_id, odd)
    equal(registry.get_twin(odd).device_id, odd)
    registry.delete_device(odd)


def lists():
    """devices listed, counted, and changed several at once"""
    before = registry.get_device_registry_statistics()
    keys = AuthenticationMechanism(type="sas", symmetric_key=SymmetricKey(primary_key=PRIMARY, secondary_key=SECONDARY))
    names = [f"bulk{index}" for index in range(5)]
    made = registry.bulk_create_or_update_devices(
        [ExportImportDevice(id=name, import_mode="create", status="disabled", authentication=keys) for name in names]
    )
    equal((made.is_successful, made.errors), (True, []))
    equal([device.device_id for device in registry.get_devices(100) if device.device_id.startswith("bulk")], names)
    equal(len(registry.get_devices(2)), 2)
    after = registry.get_device_registry_statistics()
    equal(after.total_device_count, before.total_device_count + 5)
    equal(after.disabled_device_count, before.disabled_device_count + 5)
    again = registry.bulk_create_or_update_devices(
        [ExportImportDevice(id=name, import_mode="create", authentication=keys) for name in ["bulk0", "bulk5"]]
    )
    equal((again.is_successful, [(error.device_id, error.error_code) for error in again.errors]), (False, [("bulk0", "DeviceAlreadyExists")]))
    registry.bulk_create_or_update_devices([ExportImportDevice(id=name, import_mode="delete") for name in names + ["bulk5"]])
    equal(registry.get_device_registry_statistics().total_device_count, before.total_device_count)


def queries():
    """queries, in pages"""
    for index in range(3):
        registry.create_device_with_sas(f"query{index}", PRIMARY, SECONDARY, "enabled")
        registry.update_twin(f"query{index}", Twin(tags={"index": index}), None)
    query = QuerySpecification(query="SELECT * FROM devices WHERE tags.index >= 1")
    first = registry.query_iot_hub(query, None, 1)
    equal([twin.device_id for twin in first.items], ["query1"])
    second = registry.query_iot_hub(query, first.continuation_token, 1)
    equal([twin.device_id for twin in second.items], ["query2"])
    everything = registry.query_iot_hub(QuerySpecification(query="SELECT * FROM devices")).items
    assert {"query0", "query1", "query2"} <= {twin.device_id for twin in everything}
    equal(refusal(registry.query_iot_hub, QuerySpecification(query="SELECT nothing")), (400, 400004))
    for index in range(3):
        registry.delete_device(f"query{index}")


def twins():
    """a twin: read, patched under its ETag, replaced, and the connected device told"""
    registry.create_device_with_sas("twin", PRIMARY, SECONDARY, "enabled")
    device = connect("twin")
    twin = registry.get_twin("twin")
    equal((twin.connection_state, twin.tags, twin.version), ("Connected", {}, 2))
    patched = registry.update_twin(
        "twin", Twin(tags={"site": "roof"}, properties=TwinProperties(desired={"a": 1, "b": {"c": [1, 2]}})), twin.etag
    )
    equal((patched.tags, patched.properties.desired["b"], patched.properties.desired["$version"]), ({"site": "roof"}, {"c": [1, 2]}, 2))
    topic, payload = device.hear("$iothub/twin/PATCH/properties/desired/")
    equal((topic.split("?")[1], json.loads(payload)), ("$version=2", {"a": 1, "b": {"c": [1, 2]}, "$version": 2}))
    equal(refusal(registry.update_twin, "twin", Twin(tags={}), twin.etag), (412, 412001))
    replaced = registry.replace_twin("twin", Twin(properties=TwinProperties(desired={"b": {"c": [1, 2]}})), patched.etag)
    assert "a" not in replaced.properties.desired
    equal(json.loads(device.hear("$iothub/twin/PATCH/properties/desired/")[1]), {"a": None, "$version": 3})
    device.report({"t": 21.5})
    twin = registry.get_twin("twin")
    equal((twin.properties.reported["t"], twin.properties.reported["$version"]), (21.5, 2))
    assert twin.properties.reported["$metadata"]["t"]["$lastUpdated"]
    equal(refusal(registry.update_twin, "twin", Twin(tags={"a.b": 1}), None), (400, 400004))
    equal(refusal(registry.get_twin, "nobody"), (404, 404001))
    device.close()
    registry.delete_device("twin")


def module_twins():
    """a module's twin"""
    registry.create_device_with_sas("host", PRIMARY, SECONDARY, "enabled")
    registry.create_module_with_sas("host", "m", "", PRIMARY, SECONDARY)
    device = connect("host", "m")
    twin = registry.update_module_twin("host", "m", Twin(properties=TwinProperties(desired={"x": True})), None)
    equal((twin.module_id, twin.properties.desired["x"]), ("m", True))
    equal(json.loads(device.hear("$iothub/twin/PATCH/properties/desired/")[1]), {"x": True, "$version": 2})
    replaced = registry.replace_module_twin("host", "m", Twin(properties=TwinProperties(desired={})), None)
    assert "x" not in replaced.properties.desired
    equal(registry.get_module_twin("host", "m").version, replaced.version)
    device.close()
    registry.delete_device("host")


def methods():
    """methods of a device and of a module: answered, not connected, not answered"""
    registry.create_device_with_sas("doer", PRIMARY, SECONDARY, "enabled")
    registry.create_module_with_sas("doer", "m", "", PRIMARY, SECONDARY)

    def answer(name, payload):
        return (200, payload) if name == "echo" else (404, "")

    call = CloudToDeviceMethod(method_name="echo", payload={"x": [1, "é", None]}, response_timeout_in_seconds=20)
    equal(refusal(registry.invoke_device_method, "doer", call), (404, 404103))
    device, module = connect("doer", answer=answer), connect("doer", "m", answer=answer)
    for result in [registry.invoke_device_method("doer", call), registry.invoke_device_module_method("doer", "m", call)]:
        equal((result.status, result.payload), (200, {"x": [1, "é", None]}))
    other = registry.invoke_device_method("doer", CloudToDeviceMethod(method_name="other", payload="text"))
    equal((other.status, other.payload), (404, None))
    equal(json.loads(device.hear("$iothub/methods/POST/other/")[1]), "text")
    equal(registry.get_service_statistics().connected_device_count, 1)
    device.answer = None
    silent = CloudToDeviceMethod(method_name="echo", response_timeout_in_seconds=5)
    equal(refusal(registry.invoke_device_method, "doer", silent), (504, 504101))
    device.close()
    module.close()
    registry.delete_device("doer")


def purge():
    """a device's queue of messages purged"""
    registry.create_device_with_sas("queue", PRIMARY, SECONDARY, "enabled")
    equal(registry.protocol.cloud_to_device_messages.purge_cloud_to_device_message_queue("queue").total_messages_purged, 0)
    registry.delete_device("queue")


def feedback():
    """a message that a device took: its sender hears of it, once"""
    registry.create_device_with_sas("listener", PRIMARY, SECONDARY, "enabled")
    manager = IoTHubHttpRuntimeManager.from_connection_string(arguments.connection_string)
    # The SDK's own call drops what it gets.
    receive = manager.protocol.cloud_to_device_messages.receive_feedback_notification
    equal(receive(raw=True).response.status_code, 204)
    send = enqueue("listener", body="hello", messageId="m1", ack="full")
    equal(send.status_code, 201)
    device = connect("listener")
    equal(device.hear("devices/listener/messages/devicebound/")[1], b"hello")
    deadline = time.monotonic() + 20
    while (response := receive(raw=True).response).status_code == 204 and time.monotonic() < deadline:
        pass
    records = response.json()
    equal([(record["originalMessageId"], record["statusCode"], record["deviceId"]) for record in records], [("m1", "Success", "listener")])
    manager.abandon_feedback_notification(response.headers["ETag"].strip('"'))
    again = receive(raw=True).response
    equal(again.json(), records)
    manager.complete_feedback_notification(again.headers["ETag"].strip('"'))
    equal(receive(raw=True).response.status_code, 204)
    device.close()
    registry.delete_device("listener")


def enqueue(device, **message):
    """A message to a device by the hub's own path, since the SDK sends them over AMQP."""
    fields = dict(field.split("=", 1) for field in arguments.connection_string.split(";"))
    token = SasToken(fields["HostName"], fields["SharedAccessKey"], fields["SharedAccessKeyName"])
    url = f"https://{fields['HostName']}/emulator/devices/{device}/messages"
    return requests.post(url, json=message, headers={"Authorization": str(token)}, timeout=20)


def wrong_key():
    """a wrong key is refused"""
    fields = dict(field.split("=", 1) for field in arguments.connection_string.split(";"))
    fields["SharedAccessKey"] = PRIMARY
    stranger = IoTHubRegistryManager.from_connection_string(";".join(f"{name}={value}" for name, value in fields.items()))
    equal(refusal(stranger.get_devices), (401, 401003))


for test in [
    devices_with_keys, devices_with_certificates, modules, odd_identifiers, lists, queries, twins, module_twins, methods, purge, feedback, wrong_key,
]:
    check(test)
print(f"{counts[True]} passed, {counts[False]} failed")
raise SystemExit(0 if counts[False] == 0 else 1)
