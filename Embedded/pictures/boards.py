"""Draws what the firmware of each board takes of flash and RAM as an SVG for light and dark pages, on standard output.

usage: boards.py SIZE_JSON VERSIONS
"""

import json
import sys

from svg import MARGIN, WIDTH, box, page, style, text

# Name, its legend, and its colour on light and on dark pages.
PARTS = [
    ("mote", "Mote", "#d9480f", "#ff8a4c"),
    ("mbedtls", "mbedTLS", "#5c7cfa", "#748ffc"),
    ("lwip", "lwIP", "#37b24d", "#51cf66"),
    ("rest", "board, application, libc", "#9aa4af", "#606b78"),
    ("stack", "stack", "#f59f00", "#fcc419"),
]
FLASH_SIZE, RAM_SIZE = 256 * 1024, 64 * 1024
NAME_WIDTH, VALUE_WIDTH = 150, 116
TOP, BAR, STEP, BOARD_STEP = 88, 18, 24, 68

def colours(indent, column):
    return "".join(f"{indent}.{part[0]} {{ fill: {part[column]}; }}\n" for part in PARTS)


STYLE = style("    .reserve { fill-opacity: 0.4; }\n" + colours("    ", 2), colours("      ", 3))


def kib(size):
    """To a tenth: a stack's peak differs from run to run by some bytes."""
    return f"{size / 1024:.1f} KiB"


def bar(y, name, pieces, size):
    """One memory: its pieces from the left, [(class, bytes)], and what is left of `size`."""
    used = sum(piece[1] for piece in pieces)
    left, room = MARGIN + NAME_WIDTH, WIDTH - 2 * MARGIN - NAME_WIDTH - VALUE_WIDTH
    lines = [text(left - 10, y + 13.5, name, "small", "end"), box(left, y, room, BAR, "track")]
    for kind, count in pieces:
        lines.append(box(left, y, room * count / size, BAR, kind))
        left += room * count / size
    lines.append(text(WIDTH - MARGIN, y + 13.5, f"{kib(used)} of {size // 1024}", "small value", "end"))
    return lines


def board_lines(y, name, rows):
    """Flash and RAM of one board. What was never used of the arena and of the stack is paler."""
    flash = {row["component"]: row["flash"] for row in rows if "flash" in row}
    ram = {row["component"]: row["ram"] for row in rows}
    of_flash = [(part, flash[part]) for part in ("mote", "mbedtls", "lwip")]
    of_flash.append(("rest", flash["board"] + flash["libc"]))
    arena_left, stack_left = ram["arena"] - ram["arena peak"], ram["stack"] - ram["stack peak"]
    of_ram = [("mote", ram["mote"]), ("mbedtls", ram["mbedtls"] - arena_left), ("mbedtls reserve", arena_left), ("lwip", ram["lwip"])]
    of_ram += [("rest", ram["board"] + ram["libc"]), ("stack", ram["stack peak"]), ("stack reserve", stack_left)]
    lines = [text(MARGIN, y + 13.5, name, "title")]
    return lines + bar(y, "flash", of_flash, FLASH_SIZE) + bar(y + STEP, "RAM", of_ram, RAM_SIZE)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [row for row in json.load(file) if row["application"] == "firmware"]
    boards = sorted({row["board"] for row in rows})
    height = TOP + len(boards) * BOARD_STEP + 46
    title = "A whole device over TLS in 64 KiB of RAM"
    lines = []
    x = MARGIN
    for kind, legend, _, _ in PARTS:
        lines += [box(x, 52, 12, 12, kind, 2), text(x + 18, 62.5, legend, "small")]
        x += 46 + 7 * len(legend)
    for number, board in enumerate(boards):
        lines += board_lines(TOP + number * BOARD_STEP, board, [row for row in rows if row["board"] == board])
    same = "TLS 1.2 with verification of an RSA chain (2048, 4096, 2048), records of 4 KiB, network stack and buffers included."
    lines += [text(MARGIN, height - 38, same, "quiet small"), text(MARGIN, height - 18, sys.argv[2], "quiet small")]
    print(page(height, title, "pale: reserved, never used", STYLE, lines))


main()
