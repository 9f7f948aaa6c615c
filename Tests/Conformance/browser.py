"""Chromium without a window, driven by its DevTools protocol over a pair of pipes: nothing is installed for it, and no
port is open."""

import base64
import json
import os
import select
import subprocess
import time

KEYS = {
    "Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "),
    "ArrowUp": (38, ""), "ArrowDown": (40, ""), "Home": (36, ""), "End": (35, ""),
}


class Browser:
    """One page. What it logs, throws, asks for and refuses is kept in `complaints` and `requests`."""

    def __init__(self, folder, program="chromium"):
        self.complaints, self.requests, self.responses = [], [], {}
        self._answers, self._rest, self._number = {}, b"", 0
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + folder, "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-dev-shm-usage",
            "--window-size=1440,1000", "--force-device-scale-factor=1", "--lang=en", "about:blank"]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")

        def pipes():
            # The descriptors that Chromium expects: 3 to read, 4 to write.
            kept_read, kept_write = os.dup(to_read), os.dup(to_write)
            os.dup2(kept_read, 3)
            os.dup2(kept_write, 4)

        self._log = open(os.path.join(folder, "browser.log"), "wb")
        self.process = subprocess.Popen(
            arguments, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        os.close(to_read)
        os.close(to_write)
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(domain + ".enable")

    def close(self):
        """Ends the browser."""
        try:
            self._session = None
            self._send("Browser.close", {})
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self._to)
        os.close(self._from)
        self._log.close()

    def call(self, method, limit=60, **parameters):
        """The answer to a call of the protocol."""
        number = self._send(method, parameters)
        end = time.monotonic() + limit
        while number not in self._answers:
            self._read(end, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _send(self, method, parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data):]
        return self._number

    def _read(self, end, what):
        ready, _, _ = select.select([self._from], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(what)
        data = os.read(self._from, 1 << 20)
        if not data:
            raise RuntimeError("the browser has gone")
        *whole, self._rest = (self._rest + data).split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._event(message["method"], message["params"])

    def _event(self, method, about):
        if method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.complaints.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append("console: " + str([a.get("value", a.get("description")) for a in about["args"]]))
        elif method == "Log.entryAdded":
            self.complaints.append("log: " + about["entry"]["text"] + " " + about["entry"].get("url", ""))
        elif method == "Audits.issueAdded":
            self.complaints.append("issue: " + json.dumps(about["issue"])[:600])
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Network.responseReceived":
            self.responses[about["response"]["url"]] = about["response"]

    def open(self, address):
        """Goes to an address."""
        self.call("Page.navigate", url=address)

    def value(self, expression, limit=60):
        """What a JavaScript expression, or the promise that it is, comes to."""
        answer = self.call(
            "Runtime.evaluate", limit, expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]) + "\nin " + expression)
        return answer["result"].get("value")

    def wait(self, condition, limit=20):
        """Waits until a condition holds, which is looked at whenever the page has been drawn or changed."""
        end = time.monotonic() + limit
        while True:
            try:
                self.value(
                    f"""new Promise((resolve) => {{
                      const watch = new MutationObserver(look);
                      const timer = setInterval(look, 100);
                      function look() {{
                        if (!({condition})) return;
                        watch.disconnect();
                        clearInterval(timer);
                        resolve();
                      }}
                      watch.observe(document, {{
                        subtree: true, childList: true, characterData: true, attributes: true }});
                      look();
                    }})""",
                    end - time.monotonic())
                return
            except TimeoutError:
                raise AssertionError("never came true: " + condition) from None
            except RuntimeError as error:
                # The page went elsewhere meanwhile.
                if "navigated" not in str(error) and "context was destroyed" not in str(error):
                    raise

    def text(self, selector):
        """The text of an element."""
        return self.value(f"document.querySelector({json.dumps(selector)}).textContent")

    def press(self, key, modifiers=0):
        """A key, by its name or as a character."""
        code, text = KEYS.get(key, (ord(key.upper()) if len(key) == 1 else 0, key))
        about = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        if text and not modifiers:
            about["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **about)
        about.pop("text", None)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text):
        """Text, into what has the focus."""
        self.call("Input.insertText", text=text)

    def focus(self, selector):
        """Gives an element the focus and marks what is in it, so that what is typed replaces it."""
        self.value(f"(e => {{ e.focus(); e.select?.(); }})(document.querySelector({json.dumps(selector)}))")

    def fill(self, selector, text):
        """Types text into a control, instead of what is in it."""
        self.focus(selector)
        if text:
            self.type(text)
        else:
            self.value(f"document.querySelector({json.dumps(selector)}).value = ''")

    def click(self, selector):
        """Clicks the middle of an element with the mouse."""
        place = self.value(
            f"""new Promise((resolve) => {{
              let before = "";
              requestAnimationFrame(function look() {{
                const node = document.querySelector({json.dumps(selector)});
                node?.scrollIntoView({{ block: "center" }});
                const r = node?.getBoundingClientRect();
                const place = {{ x: r?.x + r?.width / 2, y: r?.y + r?.height / 2 }};
                // Where it stays, and nothing lies over it.
                const here = JSON.stringify(place);
                if (before === here && node.contains(document.elementFromPoint(place.x, place.y))) resolve(place);
                else requestAnimationFrame(look);
                before = here;
              }});
            }})""", 20)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def colours(self, scheme):
        """Light or dark."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.wait(f"matchMedia('(prefers-color-scheme: {scheme})').matches")

    def size(self, width, height):
        """The size of the window."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.wait(f"innerWidth === {width} && innerHeight === {height}")

    def picture(self, file):
        """Writes what is seen as a PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(file, "wb") as out:
            out.write(base64.b64decode(data))
