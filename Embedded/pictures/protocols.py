"""Draws what the same messages cost over each protocol as an SVG for light and dark pages, on standard output.

usage: protocols.py BENCH_JSON
"""

import json
import sys

from svg import MARGIN, WIDTH, box, page, shown, style, text

# Title, unit, and the pieces of a bar: job and colour.
BOTH_WAYS = [("sent", "own"), ("received", "other")]
PANELS = [
    ("A message", "bytes", [("message-" + way, colour) for way, colour in BOTH_WAYS]),
    ("A message", "instructions", [("message-mote", "own"), ("message-mbedtls", "tls")]),
    ("The first connection", "bytes", [("connection-" + way, colour) for way, colour in BOTH_WAYS]),
    ("The next, resumed", "bytes", [("connection-again-" + way, colour) for way, colour in BOTH_WAYS]),
    ("An hour of silence", "bytes, both ways", [("idle-hour", "both")]),
    ("A day, a message every ten minutes", "bytes, both ways", [("day", "both")]),
]
LEGEND = [("own", "sent"), ("other", "received"), ("own", "Mote"), ("tls", "mbedTLS")]
TOP, GAP = 92, 32
PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) / 2
HEAD, BAR, STEP, NAME_WIDTH, VALUE_WIDTH = 26, 14, 22, 128, 58
STYLE = style("""\
    .bar.own { fill: #d9480f; }
    .bar.other { fill: #f0a582; }
    .bar.both { fill: #9aa4af; }
    .bar.tls { fill: #5c7cfa; }
""", """\
      .bar.own { fill: #ff8a4c; }
      .bar.other { fill: #96532f; }
      .bar.both { fill: #606b78; }
      .bar.tls { fill: #748ffc; }
""")


def panel(x, y, title, unit, pieces, figures):
    """A bar for each protocol that has figures for it."""
    lines = [text(x, y + 13, title, "title"), text(x + PANEL_WIDTH, y + 13, unit, "quiet small", "end")]
    values = {}
    for job, _ in pieces:
        for figure in figures:
            if figure["job"] == "protocol-" + job:
                values.setdefault(figure["client"], []).append(figure["value"])
    most, room = max(map(sum, values.values())), PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH
    for row, (name, parts) in enumerate(values.items()):
        top, start = y + HEAD + row * STEP, x + NAME_WIDTH
        lines += [text(start - 8, top + BAR / 2 + 4.5, name, "small", "end"), box(start, top, room, BAR, "track", 3)]
        for value, (_, kind) in zip(parts, pieces):
            lines.append(box(start, top, room * value / most, BAR, "bar " + kind))
            start += room * value / most
        lines.append(text(x + PANEL_WIDTH, top + BAR / 2 + 4.5, shown(round(sum(parts))), "small value", "end"))
    return lines, HEAD + len(values) * STEP + 24


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        figures = [figure for figure in json.load(file) if figure["job"].startswith("protocol-")]
    title = "The same messages over each protocol, over TLS"
    x, y, lines = MARGIN, TOP, []
    for kind, legend in LEGEND:
        lines += [box(x, 50, 12, 12, "bar " + kind, 2), text(x + 18, 60.5, legend, "small")]
        x += 46 + 7 * len(legend)
    for row in range(0, len(PANELS), 2):
        heights = []
        for column in (0, 1):
            drawn, height = panel(MARGIN + column * (PANEL_WIDTH + GAP), y, *PANELS[row + column], figures)
            lines += drawn
            heights.append(height)
        y += max(heights)
    lines += [
        text(MARGIN, y, "128 bytes and two properties at QoS 1, each sent when the one before was acknowledged, to mote-hub; a SAS token, TLS 1.2.", "quiet small"),
        text(MARGIN, y + 19, "Silence: a ping every 4 minutes, or a question every 25. The day: connected all the time; over HTTPS, anew for each request.", "quiet small"),
    ]
    print(page(y + 40, title, "less is better", STYLE, lines))


main()
