"""Adds up linker maps by component, prints the table, writes .build/size.json, and fails when something has grown.

usage: report.py FOLDER, which holds BOARD/APPLICATION.map and .elf. Next to each map, APPLICATION.txt lists
Mote's functions and constants by size. A firmware that was booted has APPLICATION.memory too: the line that it told of its
memory then.
"""

import json
import pathlib
import re
import subprocess
import sys

# Flash of component `mote` in bytes: what the design wants, and the most it may be until that is reached. A change that
# saves flash lowers the limit to what it measured; none raises it without saying why.
BUDGETS = {
    ("cortex-m4", "mqtt"): 3584,
    ("cortex-m4", "http"): 4096,
    ("cortex-m4", "hub"): 7168,
    ("cortex-m4", "requests"): 9216,
    ("cortex-m4", "websocket"): 9216,
    ("cortex-m4", "all"): 22528,
}
LIMITS = {
    ("cortex-m4", "mqtt"): 6325,
    ("cortex-m4", "http"): 3870,
    ("cortex-m4", "hub"): 16430,
    ("cortex-m4", "https"): 25622,
    ("cortex-m4", "journal"): 17957,
    ("cortex-m4", "requests"): 19866,
    ("cortex-m4", "websocket"): 20130,
    ("cortex-m4", "proxy"): 18426,
    ("cortex-m4", "batch"): 26714,
    ("cortex-m4", "upload"): 25842,
    ("cortex-m4", "all"): 46937,
    ("cortex-m0plus", "mqtt"): 6969,
    ("cortex-m0plus", "http"): 3990,
    ("cortex-m0plus", "hub"): 17828,
    ("cortex-m0plus", "https"): 27964,
    ("cortex-m0plus", "journal"): 19615,
    ("cortex-m0plus", "requests"): 21488,
    ("cortex-m0plus", "websocket"): 21916,
    ("cortex-m0plus", "proxy"): 19952,
    ("cortex-m0plus", "batch"): 29184,
    ("cortex-m0plus", "upload"): 27800,
    ("cortex-m0plus", "all"): 51295,
}
# A whole firmware has the network stack and the board's own parts too; the application is among those.
COMPONENTS = ["mote", "mbedtls", "libc", "application"]
FIRMWARE_COMPONENTS = ["mote", "mbedtls", "lwip", "libc", "board"]
# What the firmware declares for others, by section.
DECLARED = {".bss." + name: "mote" for name in ("client", "tls", "receive_buffer", "outbox")} | {".bss.arena": "mbedtls"}
FLASH = {".text", ".ARM.extab", ".ARM.exidx", ".data"}
RAM = {".data", ".bss"}
ARENA_HEADER = 32


def component(path):
    """Whose an input file is, or None: the program's own. Mote's C parts are compiled into a folder of their own."""
    if re.search(r"libmote\.a\(|/mote/|/src/mote_", path):
        return "mote"
    if re.search(r"/mbedtls/|libmbedtls\.a\(", path):
        return "mbedtls"
    if "liblwip.a(" in path:
        return "lwip"
    if re.search(r"/lib[a-z_]+\.a\(", path):
        return "libc"
    return None


def measure(map_file):
    """Flash and RAM of each component, {component: [flash, ram]}, and Mote's parts, [(size, name)]."""
    is_firmware = map_file.stem == "firmware"
    others = "board" if is_firmware else "application"
    sizes, parts = {name: [0, 0] for name in (FIRMWARE_COMPONENTS if is_firmware else COMPONENTS)}, []
    text = map_file.read_text().split("Linker script and memory map", 1)[1]
    # A long section name stands on a line of its own.
    text = re.sub(r"\n ([.\w$]\S*)\n +0x", r"\n \1 0x", text)
    output = owner = None
    for line in map(str.rstrip, text.splitlines()):
        if match := re.match(r"(\.\S+)", line):
            output, owner = match[1], others
        match = re.match(r" (\S+) +0x[0-9a-f]+ +0x([0-9a-f]+)(?: (.+))?$", line)
        if not match or output not in FLASH | RAM:
            continue
        # Padding counts with what stands before it.
        if match[3]:
            owner = (is_firmware and DECLARED.get(match[1])) or component(match[3]) or others
        if owner == "mote" and match[3]:
            parts.append((int(match[2], 16), match[1]))
        sizes[owner][0] += int(match[2], 16) * (output in FLASH)
        sizes[owner][1] += int(match[2], 16) * (output in RAM)
    return sizes, parts


def image_size(elf):
    """Flash and RAM of the whole image, as its section headers say."""
    listing = subprocess.run(["arm-none-eabi-size", "-A", elf], check=True, capture_output=True, text=True).stdout
    sections = dict(re.findall(r"^(\.\S+) +(\d+)", listing, re.MULTILINE))
    return [sum(int(sections.get(name, 0)) for name in names) for names in (FLASH, RAM)]


def memory(file):
    """What a firmware told of its memory, {name: bytes}: size and peak of the arena and of the stack."""
    told = re.match(r"memory: static \d+, arena (\d+) in (\d+) blocks of (\d+), stack (\d+) of (\d+)$", file.read_text())
    arena, blocks, arena_size, stack, stack_size = map(int, told.groups())
    # The arena keeps a header of its own before each block.
    peak = arena + blocks * ARENA_HEADER
    return {"arena": arena_size, "arena peak": peak, "stack": stack_size, "stack peak": stack}


def main():
    rows, over, missed = [], [], []
    print(f"{'board':14}{'application':13}{'component':13}{'flash':>7}{'ram':>7}{'budget':>8}")
    for map_file in sorted(pathlib.Path(sys.argv[1]).glob("*/*.map")):
        board, application = map_file.parent.name, map_file.stem
        sizes, parts = measure(map_file)
        listing = "".join(f"{size:6} {name}\n" for size, name in sorted(parts, reverse=True) if size)
        listing = subprocess.run(["swift", "demangle", "--simplified"], input=listing, capture_output=True, text=True)
        map_file.with_suffix(".txt").write_text(listing.stdout)
        total = [sum(column) for column in zip(*sizes.values())]
        image = image_size(map_file.with_suffix(".elf"))
        if total != image:
            sys.exit(f"{map_file}: components add up to {total}, the image is {image}")
        for name, (flash, ram) in sizes.items():
            budget = BUDGETS.get((board, application)) if name == "mote" else None
            print(f"{board:14}{application:13}{name:13}{flash:7}{ram:7}{budget or '':>8}")
            rows.append({"board": board, "application": application, "component": name, "flash": flash, "ram": ram})
            limit = LIMITS.get((board, application)) if name == "mote" else None
            if budget and flash > budget:
                missed.append(f"{board} {application} by {flash - budget} bytes")
            if limit and flash > limit:
                over.append(f"{board} {application}: {flash} bytes of flash, limit {limit}")
        print(f"{'':14}{'':13}{'image':13}{total[0]:7}{total[1]:7}")
        if (told := map_file.with_suffix(".memory")).exists():
            used = memory(told)
            print(f"{board}: RAM {total[1] + used['stack']}, the stack with it; of it " + ", ".join(f"{k} {v}" for k, v in used.items()))
            rows += [{"board": board, "application": application, "component": k, "ram": v} for k, v in used.items()]
    pathlib.Path(".build/size.json").write_text(json.dumps(rows, indent=2) + "\n")
    if missed:
        print("budget not reached: " + "; ".join(missed))
    if over:
        sys.exit("grown: " + "; ".join(over))


main()
