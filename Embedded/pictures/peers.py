"""Draws the figures beside the peers' as an SVG for light and dark pages, on standard output.

usage: peers.py BENCH_JSON
"""

import json
import sys

from svg import MARGIN, WIDTH, box, page, shown, style, text

# Job, title, unit as it is shown, and whether less is better.
PANELS = [
    ("throughput-qos0-tls", "Throughput, QoS 0", "messages/s", False),
    ("throughput-qos1-tls", "Throughput, QoS 1", "messages/s", False),
    ("round-trip-tls", "Round trip", "µs", True),
    ("allocations-qos1", "Allocations by the client", "a message, QoS 1", True),
    ("connect-tls", "Connect", "ms", True),
    ("reconnect-tls", "Connect again", "ms", True),
    ("peak-memory", "Peak memory of the process", "KiB", True),
    ("peak-heap", "Peak heap, TLS library included", "KiB", True),
]
TOP, GAP = 64, 28
PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) / 2
TITLE_HEIGHT, BAR, STEP = 26, 14, 22
PANEL_HEIGHT = TITLE_HEIGHT + 3 * STEP + 22
NAME_WIDTH, VALUE_WIDTH = 84, 62

STYLE = style("""\
    .bar { fill: #9aa4af; }
    .bar.own { fill: #d9480f; }
    .spread { stroke: #1f2328; stroke-opacity: 0.45; }
""", """\
      .bar { fill: #606b78; }
      .bar.own { fill: #ff8a4c; }
      .spread { stroke: #e6edf3; }
""")


def panel(x, y, title, unit, is_less_better, figures):
    """Three bars on one scale. A thin line goes from the least to the most of the runs."""
    lines = [text(x, y + 13, title, "title")]
    goal = "less is better" if is_less_better else "more is better"
    lines.append(text(x + PANEL_WIDTH, y + 13, f"{unit} · {goal}", "quiet small", "end"))
    room = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH
    most = max(max(figure.get("runs", [figure["value"]])) for figure in figures) or 1
    for row, figure in enumerate(figures):
        own = " own" if figure["client"] == "mote" else ""
        top = y + TITLE_HEIGHT + row * STEP
        middle, start = top + BAR / 2, x + NAME_WIDTH
        lines.append(text(start - 8, middle + 4.5, figure["client"], "small" + own, "end"))
        lines.append(box(start, top, room, BAR, "track", 3))
        if figure["value"] > 0:
            lines.append(box(start, top, max(2, room * figure["value"] / most), BAR, "bar" + own, 3))
        if "runs" in figure:
            ends = [start + room * value / most for value in (min(figure["runs"]), max(figure["runs"]))]
            lines.append(f'  <path d="M{ends[0]:.1f} {middle:g}H{ends[1]:.1f}" class="spread"/>')
        lines.append(text(x + PANEL_WIDTH, middle + 4.5, shown(figure["value"]), "small value" + own, "end"))
    return lines


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        figures = [figure for figure in json.load(file) if "version" in figure]
    rows = (len(PANELS) + 1) // 2
    height = TOP + rows * PANEL_HEIGHT + 42
    title = "Mote beside its peers, over TLS"
    versions = " · ".join(dict.fromkeys(figure["version"] for figure in figures))
    lines = []
    for number, (job, name, unit, is_less_better) in enumerate(PANELS):
        x = MARGIN + (number % 2) * (PANEL_WIDTH + GAP)
        y = TOP + (number // 2) * PANEL_HEIGHT
        lines += panel(x, y, name, unit, is_less_better, [figure for figure in figures if figure["job"] == job])
    same = "Client and mosquitto on one core, 127.0.0.1; TLS 1.2, ECDHE P-256, ECDSA, AES-128-GCM; 128 bytes; QoS 1: 16 in flight."
    lines += [
        text(MARGIN, height - 40, same, "quiet small"),
        text(MARGIN, height - 21, versions, "quiet small"),
    ]
    print(page(height, title, "median of five runs, thin line: all five", STYLE, lines))


main()
