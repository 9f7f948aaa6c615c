"""The emulator's web page in Chromium: what hub_page.sh runs when a hub and a real device are there. Each check goes on
from the page as the one before has left it."""

import argparse
import http.client
import json
import math
import os
import subprocess
import sys
import time
import traceback
import urllib.parse

from browser import Browser
from device import Device
from link import Link

arguments = argparse.ArgumentParser()
arguments.add_argument("--address", required=True, help="of the page, with its key")
arguments.add_argument("--mqtt-port", type=int, required=True)
arguments.add_argument("--ca-file", required=True)
arguments.add_argument("--mote", required=True, help="the program")
arguments.add_argument("--folder", required=True)
arguments.add_argument("--picture", help="where a picture for the README goes; then nothing is checked")
options = arguments.parse_args()

folder = options.folder
link = Link(urllib.parse.urlsplit(options.address).port)
page = urllib.parse.urlsplit(options.address)
page = page._replace(netloc=f"{page.hostname}:{link.port}")
address = page.geturl()
origin = f"http://{page.netloc}"
accessibility = open(os.path.join(os.path.dirname(__file__), "accessibility.js"), encoding="utf-8").read()
browser = Browser(os.path.join(folder, "browser"))
checks, devices, programs = [], {}, []


def check(name):
    """Marks a function as a check."""
    def keep(function):
        checks.append((name, function))
        return function
    return keep


def equal(found, wanted):
    """Fails with both values."""
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def create(name):
    """Makes a device in the page; its connection string is what the page shows."""
    browser.click("#new-device")
    browser.wait("document.querySelector('#create-dialog').open")
    browser.fill("#create-id", name)
    browser.press("Enter")
    browser.wait("document.querySelector('#string-dialog').open")
    string = browser.value("document.querySelector('#string').value")
    browser.press("Escape")
    # What is closed shows the secret no more.
    browser.wait("!document.querySelector('#string-dialog').open && document.querySelector('#string').value === ''")
    return string


def choose(name):
    """Chooses a device in the list."""
    browser.value(f"""[...document.querySelectorAll('#devices button')].find(
      (button) => button.firstChild.textContent === {json.dumps(name)}).click()""")
    browser.wait(f"document.querySelector('#chosen-name').textContent === {json.dumps(name)}")


def says(selector, text, limit=20):
    """Waits until an element has a text in it."""
    try:
        browser.wait(f"document.querySelector({json.dumps(selector)})?.textContent.includes({json.dumps(text)})", limit)
    except AssertionError:
        raise AssertionError(f"{selector} says {browser.text(selector)!r}, not {text!r}") from None


def pick(selector, value):
    """Takes a value of a list, or changes a field as typing would."""
    browser.value(f"""(field => {{ field.value = {json.dumps(value)}; field.dispatchEvent(new Event('input')); }})(
      document.querySelector({json.dumps(selector)}))""")


def amount(selector):
    """How many elements there are of a kind."""
    return browser.value(f"document.querySelectorAll({json.dumps(selector)}).length")


def becomes(selector, number):
    """Waits until there are so many elements of a kind."""
    try:
        browser.wait(f"document.querySelectorAll({json.dumps(selector)}).length === {number}")
    except AssertionError:
        raise AssertionError(f"there are {amount(selector)} {selector}, not {number}") from None


def plotted():
    """The names of the plots."""
    return browser.value("[...document.querySelectorAll('#plots h4')].map((heading) => heading.textContent)")


def ask(path, headers, method="GET", body=b""):
    """The status and headers of an answer to a request that no browser made."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read(1)
        return answer.status, answer.headers
    finally:
        connection.close()


key = urllib.parse.unquote(page.fragment.removeprefix("key="))


@check("without a key the page asks for one, and shows nothing")
def _():
    browser.open(origin + "/")
    browser.wait("document.querySelector('#key-dialog')?.open")
    # It closes, and comes back.
    browser.value("window.endings = 0; document.querySelector('#key-dialog').addEventListener('close', () => endings++)")
    browser.press("Escape")
    browser.wait("window.endings === 1 && document.querySelector('#key-dialog').open")
    equal(amount("#devices li"), 0)


@check("a key that is wrong is refused in words")
def _():
    browser.fill("#key", key.replace("sig=", "sig=A"))
    browser.press("Enter")
    says("#key-reason", "did not accept")
    equal(amount("#devices li"), 0)
    # The browser itself tells of each answer with 401; there is nothing else to tell.
    equal([c for c in browser.complaints if "401" not in c], [])
    browser.complaints.clear()


@check("the address with the key opens the page, and the key is in no address then")
def _():
    browser.fill("#key", address)
    browser.press("Enter")
    says("#stream", "Live")
    browser.open("about:blank")
    browser.value("0")
    browser.open(address)
    browser.wait("document.querySelector('#stream')?.textContent === 'Live'")
    equal(browser.value("location.href"), origin + "/")
    browser.call("Page.reload")
    browser.wait("performance.getEntriesByType('navigation')[0]?.type === 'reload'")
    browser.wait("document.querySelector('#stream')?.textContent === 'Live'")
    equal(browser.call("Network.getCookies")["cookies"], [])


@check("a device is made by keyboard; its connection string can be copied")
def _():
    devices["roof"] = create("roof")
    equal(devices["roof"].split(";")[1], "DeviceId=roof")
    says("#chosen-name", "roof")
    says("#chosen-state", "not connected")
    browser.call(
        "Browser.grantPermissions", origin=origin, permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.click("#show-string")
    browser.wait("document.querySelector('#string-dialog').open")
    browser.click("#copy")
    says("#string-result", "Copied.")
    equal(browser.value("navigator.clipboard.readText()"), devices["roof"])
    browser.press("Escape")
    equal(browser.value("document.activeElement.id"), "show-string")


@check("a name that no device may have, and one that is taken, are refused in words")
def _():
    browser.click("#new-device")
    browser.press("Enter")
    says("#create-result", "A device has a name.")
    browser.fill("#create-id", "a b")
    browser.press("Enter")
    says("#create-result", "1 to 128 characters")
    equal(browser.value("document.activeElement.id + document.activeElement.ariaInvalid"), "create-idtrue")
    browser.fill("#create-id", "roof")
    browser.press("Enter")
    says("#create-result", "There is a device roof already")
    browser.press("Escape")
    # Of an answer that refuses, the browser itself tells.
    browser.complaints[:] = [c for c in browser.complaints if "400" not in c and "409" not in c]


@check("a real device is seen to connect, and its readings are plotted")
def _():
    environment = dict(os.environ, MOTE_CONNECTION_STRING=devices["roof"])
    readings = subprocess.Popen(
        [options.mote, "send", "-", "--endpoint", f"localhost:{options.mqtt_port}", "--ca-file", options.ca_file,
         "--property", "site=roof", "--content-type", "application/json"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    programs.append(readings)
    def read(value):
        line = {"temperature": value, "wind": {"speed": value / 2}, "text": "x"}
        readings.stdin.write(json.dumps(line).encode() + b"\n")
        readings.stdin.flush()

    read(20.5)
    says("#chosen-state", "connected")
    says("#devices [aria-current] small", "connected")
    says("#counts", "1 of 2 devices connected")
    browser.wait("document.querySelector('#plots canvas')?.ariaLabel === 'temperature: 20.5; 20.5 to 20.5'")
    # A point of its own, not of the same half second.
    browser.value("window.first = Date.now()")
    browser.wait("Date.now() - window.first > 500")
    read(21.25)
    browser.wait("document.querySelector('#plots canvas').ariaLabel === 'temperature: 21.25; 20.5 to 21.25'")
    equal(amount("#plots canvas"), 2)
    equal(plotted(), ["temperature", "wind.speed"])
    # Ink in the columns between the two points.
    columns = """(canvas => {
      const accent = getComputedStyle(canvas).getPropertyValue('--accent');
      const ink = accent.match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16));
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const found = new Set();
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] < 120 || ink.some((part, k) => Math.abs(data[i + k] - part) > 12)) continue;
        found.add(i / 4 % canvas.width);
      }
      return found.size;
    })(document.querySelector('#plots canvas'))"""
    assert browser.value(columns) > 10, f"no line is drawn: {browser.value(columns)}"


@check("an event is opened for all that it says, and the list holds still meanwhile")
def _():
    becomes("#events [data-kind=telemetry]", 2)
    browser.focus("#events [data-kind=telemetry] summary")
    browser.press("Enter")
    browser.wait("document.querySelector('#events pre')")
    detail = browser.text("#events pre")
    for text in ('"site": "roof"', '"contentType": "application/json"', '{"temperature": 21.25'):
        assert text in detail, detail
    programs[0].stdin.write(b'{"temperature": 22}\n')
    programs[0].stdin.flush()
    says("#events-note", "1 more event")
    equal(amount("#events [data-kind=telemetry]"), 2)
    browser.click("#pause")
    becomes("#events [data-kind=telemetry]", 3)
    browser.click("#pause")
    says("#pause", "Resume")
    programs[0].stdin.write(b'{"temperature": 23}\n')
    programs[0].stdin.flush()
    says("#events-note", "1 more event")
    browser.click("#pause")
    becomes("#events [data-kind=telemetry]", 4)


@check("events can be those of a device, and of a kind")
def _():
    devices["cellar"] = create("cellar")
    says("#chosen-name", "cellar")
    pick("#events-device", "chosen")
    becomes("#events [data-kind=telemetry]", 0)
    devices["live"] = Device(devices["cellar"], options.mqtt_port, options.ca_file)
    devices["live"].send(b'{"level": 1}')
    becomes("#events [data-kind=telemetry]", 1)
    pick("#events-kind", "connection")
    becomes("#events li", 1)
    says("#events li", "connected")
    pick("#events-device", "")
    pick("#events-kind", "")
    becomes("#events [data-kind=telemetry]", 5)


@check("a message is sent with its properties, and the page says when the device has it")
def _():
    browser.fill("#message-body", "open the window ünd <b>now</b>")
    browser.fill("#message-properties", "room=cellar\nempty=")
    browser.fill("#message-type", "text/plain")
    browser.fill("#message-expiry", "60")
    browser.click("#message-form [type=submit]")
    topic, payload = devices["live"].messages.get(timeout=20)
    equal(payload.decode(), "open the window ünd <b>now</b>")
    bag = dict(urllib.parse.parse_qsl(topic.split("/devicebound/")[1], keep_blank_values=True))
    equal((bag["room"], bag["empty"], bag["$.ct"]), ("cellar", "", "text/plain"))
    says("#message-result", "delivered and acknowledged")


@check("what is wrong in the message form is said where it is")
def _():
    for field, text, words in (("properties", "no equals", "name=value"), ("expiry", "1e9", "two days")):
        browser.fill(f"#message-{field}", text)
        browser.click("#message-form [type=submit]")
        says("#message-result", words)
        equal(browser.value("document.activeElement.id + document.activeElement.ariaInvalid"), f"message-{field}true")
        browser.fill(f"#message-{field}", "")


@check("a method is invoked, and its answer shown")
def _():
    browser.fill("#method-name", "blink")
    browser.fill("#method-payload", '{"times": 9007199254740993, "note": "<img src=x>"}')
    browser.focus("#method-name")
    browser.press("Enter")
    says("#method-result", "answered 200")
    says("#method-answer", '"times": 9007199254740993')
    says("#method-answer", "<img src=x>")
    topic, payload = devices["live"].methods.get(timeout=20)
    equal(json.loads(payload), {"times": 9007199254740993, "note": "<img src=x>"})


@check("a method of a device that is not there ends in words; so does a bad payload")
def _():
    browser.fill("#method-payload", "{no}")
    browser.click("#method-form [type=submit]")
    says("#method-result", 'a name in "quotes" is expected at line 1, column 2')
    browser.fill("#method-payload", "")
    browser.fill("#method-response", "4")
    browser.click("#method-form [type=submit]")
    says("#method-result", "5 to 300")
    browser.fill("#method-response", "30")
    devices["absent"] = create("absent")
    browser.fill("#method-name", "blink")
    browser.click("#method-form [type=submit]")
    browser.wait("document.querySelector('#method-result').dataset.kind === 'bad'")
    assert "<" not in browser.text("#method-result") and len(browser.text("#method-result")) > 10
    # A refusal of the hub is told by the browser, too.
    browser.complaints[:] = [c for c in browser.complaints if "404" not in c]
    choose("cellar")


@check("desired properties are edited; a mistake is shown with its place and sends nothing")
def _():
    says("#desired-version", "version 1")
    browser.fill("#desired-text", '{"interval": 30,}')
    browser.click("#desired-form [type=submit]")
    says("#desired-result", "line 1, column 17")
    equal(browser.value("document.activeElement.selectionStart"), 16)
    browser.fill("#desired-text", "[]")
    browser.click("#desired-form [type=submit]")
    says("#desired-result", "An object is expected")
    browser.fill("#desired-text", '{"interval": 30, "big": 4503599627370495, "gone": 1}')
    browser.click("#desired-form [type=submit]")
    says("#desired-result", "Updated.")
    says("#desired-version", "version 2")
    says("#desired", '"big": 4503599627370495')
    equal(json.loads(devices["live"].desired.get(timeout=20)[1])["big"], 4503599627370495)
    browser.fill("#desired-text", '{"gone": null}')
    browser.click("#desired-form [type=submit]")
    says("#desired-version", "version 3")
    assert "gone" not in browser.text("#desired")
    browser.click("#desired-current")
    current = json.loads(browser.value("document.querySelector('#desired-text').value"))
    equal(current, {"interval": 30, "big": 4503599627370495})
    browser.fill("#desired-text", '{"interval": 5}')
    browser.click("#desired-form [value=replace]")
    browser.click("#desired-form [type=submit]")
    says("#desired-result", "Replaced.")
    says("#desired-version", "version 4")
    equal(json.loads(browser.text("#desired")), {"interval": 5})


@check("what the hub refuses of a twin is said")
def _():
    browser.fill("#desired-text", '{"$bad": 1}')
    browser.click("#desired-form [value=merge]")
    browser.click("#desired-form [type=submit]")
    browser.wait("document.querySelector('#desired-result').dataset.kind === 'bad'")
    browser.complaints[:] = [c for c in browser.complaints if "400" not in c]


@check("what a device reports is shown beside it, as it comes")
def _():
    devices["live"].report(b'{"interval": 5, "firmware": "<i>1.0</i>"}')
    says("#reported-version", "version 2")
    says("#reported", "<i>1.0</i>")


@check("nothing that a device sends becomes markup")
def _():
    hostile = "<img src=x onerror=window.broken=1><script>window.broken=1</script>"
    bag = urllib.parse.quote(hostile, safe="") + "=" + urllib.parse.quote(hostile, safe="")
    devices["live"].send(json.dumps({hostile: 1, "__proto__": {"x": 2}, "constructor": 3}).encode(), bag)
    devices["live"].send(hostile.encode(), "%24.mid=" + urllib.parse.quote(hostile, safe=""))
    devices["live"].report(json.dumps({"<b>": hostile}).encode())
    browser.wait("[...document.querySelectorAll('#plots h4')].some(h => h.textContent.startsWith('<img'))")
    says("#reported", hostile)
    browser.value("for (const s of [...document.querySelectorAll('#events summary')].slice(0, 3)) s.click()")
    browser.wait("document.querySelectorAll('#events pre').length >= 3")
    equal(browser.value("[window.broken ?? null, document.images.length, document.scripts.length]"), [None, 1, 1])
    says("#events", hostile)
    browser.click("#pause")


@check("bytes that are no text, numbers that are none, and text that hides are shown for what they are")
def _():
    live = devices["live"]
    live.send(b"\xff\xfe\x00\x80")
    live.send(b'{"a": NaN}')
    live.send(b'{"huge": 1e999, "fine": 7}')
    live.send('{"name": "\u202egnp.exe\u200b"}'.encode())
    live.send(b"")
    live.send(b"[" * 60000)
    browser.wait("[...document.querySelectorAll('#plots h4')].some(h => h.textContent === 'fine')")
    for text in ("//4AgA== (base64)", '{"a": NaN}', "‹U+202E›gnp.exe‹U+200B›", "(empty)", "[[[["):
        says("#events", text)
    equal({"huge", "a"} & set(plotted()), set())


@check("10,000 fields, bodies of 64 KiB and thousands of events leave a page of bounded size that answers")
def _():
    live = devices["live"]
    for part in range(20):
        live.send(json.dumps({f"field{part * 500 + n}": n for n in range(500)}).encode())
    says("#readings-note", "this device sends more")
    browser.fill("#fields", "field0")
    becomes("#plots canvas", 1)
    pick("#fields", "")
    for n in range(4000):
        live.send(b'{"fast": %d}' % n, wait=False)
        if n % 100 == 0:
            live.send(b"x" * 65536, wait=False)
        if n == 2000:
            # In the midst of it, the page does what it is asked to.
            browser.fill("#find", "roof")
            becomes("#devices li", 1)
            pick("#find", "")
            becomes("#devices li", 4)
    live.settle(4040)
    live.send(b'{"marker": 4711}')
    says("#events", '{"marker": 4711}', 60)
    equal(amount("#plots canvas"), 12)
    assert amount("#events li") <= 100, f"{amount('#events li')} events"
    assert amount("*") < 2000, f"{amount('*')} elements"
    browser.click("#clear")


@check("a page that was too slow says how many events it has missed, and goes on")
def _():
    live = devices["live"]
    browser.call("Debugger.enable")
    browser.call("Debugger.pause")
    # 32 MiB: more than all buffers on the way hold.
    for _ in range(512):
        live.send(b"y" * 65536)
    browser.call("Debugger.disable")
    browser.wait("/\\d events missed/.test(document.querySelector('#events').textContent)", 60)
    live.send(b'{"after": 1}')
    says("#events", '{"after": 1}')
    browser.click("#clear")


@check("what went by without a connection is counted to the last event")
def _():
    live = devices["live"]
    link.cut()
    says("#stream", "trying again", 60)
    for n in range(3):
        live.send(b'{"lost": %d}' % n)
    link.mend()
    says("#stream", "Live", 60)
    live.send(b'{"after": 2}')
    says("#events", '{"after": 2}')
    says("#events", "3 events missed")
    assert '"lost"' not in browser.text("#events")
    # Of what it could not load, the browser itself tells.
    browser.complaints[:] = [c for c in browser.complaints if "net::ERR_" not in c]
    browser.click("#clear")


@check("nobody else's page can use the hub: a foreign Host or Origin is refused, whatever the key")
def _():
    own = {"Host": page.netloc, "Authorization": key}
    equal(ask("/devices?api-version=2021-04-12", own)[0], 200)
    equal(ask("/devices?api-version=2021-04-12", {"Host": page.netloc})[0], 401)
    for path in ("/", "/page.js", "/devices?api-version=2021-04-12", "/emulator/events", "/emulator/status"):
        for host in ("evil.example", f"evil.example:{page.port}", f"127.0.0.1.evil.example:{page.port}", ""):
            assert ask(path, {**own, "Host": host})[0] in (400, 403, 421), (path, host)
    for foreign in ("http://evil.example", "null", f"http://127.0.0.1:{page.port + 1}", f"https://{page.netloc}"):
        equal((foreign, ask("/devices?api-version=2021-04-12", {**own, "Origin": foreign})[0]), (foreign, 403))
        equal((foreign, ask("/emulator/events", {**own, "Origin": foreign})[0]), (foreign, 403))
    equal(ask("/devices?api-version=2021-04-12", {**own, "Origin": origin})[0], 200)
    equal(ask("/emulator/events", {"Host": page.netloc})[0], 401)


@check("each file comes with a strict policy and nothing is kept")
def _():
    for path in ("/", "/page.js", "/page.css", "/icon.svg"):
        status, headers = ask(path, {"Host": page.netloc})
        equal(status, 200)
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"):
            assert part in policy, policy
        assert "unsafe" not in policy
        equal((headers["X-Content-Type-Options"], headers["Cache-Control"]), ("nosniff", "no-store"))
        equal((headers["Set-Cookie"], headers["Access-Control-Allow-Origin"]), (None, None))
    equal(ask("/nothing.js", {"Host": page.netloc, "Authorization": key})[0], 404)


@check("Tab reaches every control in the order of the page, with a focus that is seen")
def _():
    choose("cellar")
    browser.value("document.querySelector('#fields').value = ''")
    # From the beginning of the page.
    browser.value("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    walked = []
    for _ in range(200):
        browser.press("Tab")
        found = browser.value("""(e => e === document.body ? null : {
          name: e.id || e.name + e.value || e.tagName + e.parentElement.parentElement.id,
          seen: e.matches(':focus-visible'),
          outline: getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth,
          place: [...document.querySelectorAll('*')].indexOf(e) })(document.activeElement)""")
        if found is None or (walked and found["name"] == walked[0]["name"]):
            break
        walked.append(found)
    names = [w["name"] for w in walked]
    for w in walked:
        equal((w["name"], w["seen"], w["outline"]), (w["name"], True, "solid3px"))
    equal([w["place"] for w in walked], sorted(w["place"] for w in walked))
    wanted = [
        "new-device", "find", "BUTTONdevices", "show-string", "toggle", "delete", "span", "desired", "reported",
        "desired-text", "desired-current", "message-body", "message-properties", "message-type", "message-ack",
        "message-expiry", "method-name", "method-payload", "method-response", "method-connect", "pause", "clear",
        "events-device", "events-kind"]
    for name in wanted:
        assert name in names, f"{name} is not reached: {names}"
    equal(names.count("BUTTONdevices"), 1)


@check("the list of devices is walked with arrows; Enter chooses; the skip link skips")
def _():
    browser.focus("#find")
    browser.press("ArrowDown")
    equal(browser.value("document.activeElement.firstChild.textContent"), "absent")
    browser.press("End")
    equal(browser.value("document.activeElement.firstChild.textContent"), "roof")
    for _ in range(3):
        browser.press("ArrowUp")
    browser.press("Enter")
    says("#chosen-name", "absent")
    browser.press("ArrowUp")
    equal(browser.value("document.activeElement.id"), "find")
    browser.focus(".skip")
    browser.press("Enter")
    browser.wait("document.activeElement.id === 'chosen'")
    browser.value("history.replaceState(null, '', '/')")


@check("names, landmarks, headings and contrast are right, light and dark, wide and narrow")
def _():
    choose("cellar")
    browser.wait("document.querySelector('#desired').textContent")
    devices["live"].send(b'{"marker": 1}')
    browser.wait("document.querySelector('#events li')")
    browser.fill("#desired-text", "{")
    browser.click("#desired-form [type=submit]")
    says("#desired-result", "expected")
    # Chromium scrolls to a field that has the focus when the window changes, some time later.
    browser.value("document.activeElement.blur()")
    for scheme in ("light", "dark"):
        browser.colours(scheme)
        for width in (1440, 1000, 390, 320):
            browser.size(width, 900)
            equal((scheme, width, browser.value(accessibility)), (scheme, width, []))
        for dialog in ("key", "create", "string", "delete"):
            browser.value(f"document.querySelector('#{dialog}-dialog').showModal()")
            equal((scheme, dialog, browser.value(accessibility)), (scheme, dialog, []))
            browser.value(f"document.querySelector('#{dialog}-dialog').close()")
    browser.colours("light")
    browser.size(1440, 1000)
    nameless = [
        node["role"]["value"] for node in browser.call("Accessibility.getFullAXTree")["nodes"]
        if not node["ignored"] and node["role"]["value"] in (
            "button", "textbox", "searchbox", "combobox", "radio", "link", "image", "dialog", "navigation", "main",
            "complementary", "region", "form", "spinbutton")
        and not node.get("name", {}).get("value")]
    equal(nameless, [])


@check("a device is disabled and enabled; deleting asks first, and Escape means no")
def _():
    browser.click("#toggle")
    says("#device-result", "Disabled")
    says("#chosen-state", "disabled")
    says("#toggle", "Enable")
    try:
        Device(devices["cellar"], options.mqtt_port, options.ca_file).close()
        raise AssertionError("a disabled device is let in")
    except ConnectionError:
        pass
    browser.click("#toggle")
    says("#device-result", "Enabled.")
    Device(devices["cellar"], options.mqtt_port, options.ca_file).close()
    choose("absent")
    browser.click("#delete")
    browser.wait("document.querySelector('#delete-dialog').open")
    says("#delete-text", "absent")
    equal(browser.value("document.activeElement.textContent"), "Cancel")
    browser.press("Escape")
    browser.wait("!document.querySelector('#delete-dialog').open")
    equal(amount("#devices li"), 4)
    browser.click("#delete")
    browser.wait("document.querySelector('#delete-dialog').open")
    browser.press("Tab")
    browser.press("Enter")
    becomes("#devices li", 3)
    equal(browser.value("document.querySelector('#nothing').hidden"), False)


@check("what is done elsewhere is seen: a device made and deleted through the API")
def _():
    own = {"Host": page.netloc, "Authorization": key}
    equal(ask("/devices/elsewhere?api-version=2021-04-12", own, "PUT", b'{"deviceId":"elsewhere"}')[0], 200)
    says("#devices", "elsewhere")
    equal(ask("/devices/elsewhere?api-version=2021-04-12", {**own, "If-Match": "*"}, "DELETE")[0], 204)
    browser.wait("!document.querySelector('#devices').textContent.includes('elsewhere')")


@check("the page asked nobody but the hub, logged nothing and broke no policy")
def _():
    equal(browser.complaints, [])
    foreign = [r for r in browser.requests if not r.startswith(origin + "/") and r != "about:blank"]
    equal(foreign, [])
    assert len(browser.requests) > 40
    assert not any(key in r or page.fragment in r for r in browser.requests), "the key is in an address"


@check("when the hub is gone the page says so, and goes on when it is back")
def _():
    print("restart", flush=True)
    says("#stream", "trying again", 60)
    assert sys.stdin.readline(), "nobody started the hub again"
    says("#stream", "Live", 60)
    says("#devices", "roof")
    choose("roof")
    equal(browser.value("document.querySelector('#key-dialog').open"), False)


def main():
    """Runs the checks and counts. What comes after one that fails is not run, since it would go on from there, and has
    failed, too."""
    passed = 0
    try:
        for name, function in checks:
            function()
            passed += 1
            print("ok     " + name, flush=True)
    except Exception:  # pylint: disable=broad-except
        print("FAILED " + name)
        traceback.print_exc(file=sys.stdout)
        print("complaints:", browser.complaints)
        browser.picture(os.path.join(folder, "failed.png"))
    finally:
        for program in programs:
            program.kill()
        browser.close()
    print(f"{passed} passed, {len(checks) - passed} failed")
    return 0 if passed == len(checks) else 1


def picture():
    """A picture for the README: three devices, one of which has something to tell."""
    browser.open(address)
    says("#stream", "Live")
    browser.size(1360, 830)
    browser.call("Emulation.setScrollbarsHidden", hidden=True)
    strings = {name: create(name) for name in ("cellar", "greenhouse", "roof")}
    cellar = Device(strings["cellar"], options.mqtt_port, options.ca_file)
    greenhouse = Device(strings["greenhouse"], options.mqtt_port, options.ca_file)
    choose("greenhouse")
    for step in range(90):
        noise = step * 7919 % 23
        greenhouse.send(json.dumps({
            "temperature": round(24 + 3 * math.sin(step / 13) + noise / 80, 2),
            "humidity": round(61 - 8 * math.sin(step / 13 - 0.6) + noise / 30, 1),
            "light": round(420 + 90 * math.sin(step / 29) + noise), "co2": 640 + step * 2 + noise}).encode())
        if step % 8 == 0:
            cellar.send(b'{"level": %d}' % (step + 100))
        if step == 76:
            browser.fill("#desired-text", '{"interval": 1, "window": "open", "fan": {"speed": 2}}')
            browser.press("Tab")
            browser.click("#desired-form [type=submit]")
            says("#desired-version", "version 2")
        if step == 77:
            greenhouse.report(b'{"firmware": "1.4.2", "interval": 1, "window": "open", "fan": {"speed": 2}}')
        if step == 80:
            browser.fill("#method-name", "blink")
            browser.fill("#method-payload", '{"times": 3}')
            browser.click("#method-form [type=submit]")
            says("#method-result", "answered 200")
        if step == 84:
            browser.fill("#message-body", "good morning")
            browser.click("#message-form [type=submit]")
        time.sleep(1)
    browser.fill("#desired-text", "")
    browser.value("document.activeElement.blur(); document.querySelector('main').scrollTo(0, 0)")
    time.sleep(1)
    browser.picture(options.picture)
    browser.close()
    return 0


sys.exit(picture() if options.picture else main())
