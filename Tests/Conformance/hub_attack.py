"""Attacks a hub: hub_attack.py mqtt|http|files|proxy|websocket ATTACK GREETING FOLDER. Prints `holding` when its connections are as they are to stay, and
keeps them until standard input ends. What the hub has done wrong is on standard error. Without ATTACK: prints their names."""

import inspect
import sys

import hub_attack_files
import hub_attack_http
import hub_attack_mqtt
import hub_attack_proxy
import hub_attack_websocket
from hub_target import Hub

modules = {"mqtt": hub_attack_mqtt, "http": hub_attack_http, "files": hub_attack_files, "proxy": hub_attack_proxy, "websocket": hub_attack_websocket}
module = modules[sys.argv[1]]
if len(sys.argv) == 2:
    attacks = inspect.getmembers(module, lambda member: inspect.isfunction(member) and member.__module__ == module.__name__)
    print("\n".join(name for name, attack in attacks if next(iter(inspect.signature(attack).parameters), "") == "hub"))
    sys.exit()
try:
    target = Hub(sys.argv[3], sys.argv[4])
    held = getattr(module, sys.argv[2])(target)
except AssertionError as error:
    sys.exit(f"{error}"[:2000])
except OSError as error:
    sys.exit(f"the hub serves nobody: {error}")
print("holding", flush=True)
sys.stdin.read()
