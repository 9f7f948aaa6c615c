"""Adds up linker maps by component, prints the table, writes .build/size.json, and fails when over budget.

usage: report.py FOLDER, which holds BOARD/APPLICATION.map and .elf
"""

import json
import pathlib
import re
import subprocess
import sys

# Flash of component `mote` in bytes, from the design.
BUDGETS = {("cortex-m4", "mqtt"): 3584, ("cortex-m4", "hub"): 7168}
COMPONENTS = ["mote", "mbedtls", "libc", "application"]
FLASH = {".text", ".ARM.extab", ".ARM.exidx", ".data"}
RAM = {".data", ".bss"}


def component(path):
    """Whose an input file is. Mote's C parts are compiled into a folder of their own."""
    if "libmote.a(" in path or "/mote/" in path:
        return "mote"
    if "/mbedtls/" in path:
        return "mbedtls"
    if re.search(r"/lib[a-z_]+\.a\(", path):
        return "libc"
    return "application"


def measure(map_file):
    """Flash and RAM of each component: {component: [flash, ram]}."""
    sizes = {name: [0, 0] for name in COMPONENTS}
    text = map_file.read_text().split("Linker script and memory map", 1)[1]
    # A long section name stands on a line of its own.
    text = re.sub(r"\n ([.\w$]\S*)\n +0x", r"\n \1 0x", text)
    output = owner = None
    for line in map(str.rstrip, text.splitlines()):
        if match := re.match(r"(\.\S+)", line):
            output, owner = match[1], "application"
        match = re.match(r" (\S+) +0x[0-9a-f]+ +0x([0-9a-f]+)(?: (.+))?$", line)
        if not match or output not in FLASH | RAM:
            continue
        # Padding counts with what stands before it.
        owner = component(match[3]) if match[3] else owner
        sizes[owner][0] += int(match[2], 16) * (output in FLASH)
        sizes[owner][1] += int(match[2], 16) * (output in RAM)
    return sizes


def image_size(elf):
    """Flash and RAM of the whole image, as its section headers say."""
    listing = subprocess.run(["arm-none-eabi-size", "-A", elf], check=True, capture_output=True, text=True).stdout
    sections = dict(re.findall(r"^(\.\S+) +(\d+)", listing, re.MULTILINE))
    return [sum(int(sections.get(name, 0)) for name in names) for names in (FLASH, RAM)]


def main():
    rows, over = [], []
    print(f"{'board':14}{'application':13}{'component':13}{'flash':>7}{'ram':>7}{'budget':>8}")
    for map_file in sorted(pathlib.Path(sys.argv[1]).glob("*/*.map")):
        board, application = map_file.parent.name, map_file.stem
        sizes = measure(map_file)
        total = [sum(column) for column in zip(*sizes.values())]
        image = image_size(map_file.with_suffix(".elf"))
        if total != image:
            sys.exit(f"{map_file}: components add up to {total}, the image is {image}")
        for name, (flash, ram) in sizes.items():
            budget = BUDGETS.get((board, application)) if name == "mote" else None
            print(f"{board:14}{application:13}{name:13}{flash:7}{ram:7}{budget or '':>8}")
            rows.append({"board": board, "application": application, "component": name, "flash": flash, "ram": ram})
            if budget and flash > budget:
                over.append(f"{board} {application}: {flash} bytes of flash, budget {budget}")
        print(f"{'':14}{'':13}{'image':13}{total[0]:7}{total[1]:7}")
    pathlib.Path(".build/size.json").write_text(json.dumps(rows, indent=2) + "\n")
    if over:
        sys.exit("over budget: " + "; ".join(over))


main()
