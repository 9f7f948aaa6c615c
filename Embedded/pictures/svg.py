"""What the pictures of the README have in common: SVG for light and dark pages."""

import html

WIDTH, MARGIN = 860, 24


def style(light, dark):
    """The style of a page, with what one picture has of its own on light and on dark pages."""
    return f"""
    svg {{ font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
    .page {{ fill: #ffffff; stroke: #d8dee4; }}
    text {{ fill: #1f2328; }}
    .quiet {{ fill: #59636e; }}
    .heading {{ font-size: 16px; font-weight: 600; }}
    .title {{ font-weight: 600; }}
    .small {{ font-size: 12px; }}
    .own {{ font-weight: 600; }}
    .value {{ font-variant-numeric: tabular-nums; }}
    .track {{ fill: #f1f3f5; }}
{light}    @media (prefers-color-scheme: dark) {{
      .page {{ fill: #0d1117; stroke: #30363d; }}
      text {{ fill: #e6edf3; }}
      .quiet {{ fill: #9198a1; }}
      .track {{ fill: #1b212a; }}
{dark}    }}
"""


def shown(value):
    """A number with three figures or more."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def text(x, y, words, kind="", anchor="start"):
    return f'  <text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{html.escape(words)}</text>'


def box(x, y, width, height, kind, radius=0):
    return f'  <rect x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}" rx="{radius}" class="{kind}"/>'


def page(height, title, note, styles, lines):
    """A whole picture: a heading, what is said at its right, and what is on it."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{title}">',
        f"  <title>{title}</title>",
        f"  <style>{styles}  </style>",
        box(0.5, 0.5, WIDTH - 1, height - 1, "page", 8),
        text(MARGIN, 32, title, "heading"),
        text(WIDTH - MARGIN, 32, note, "quiet small", "end"),
        *lines,
        "</svg>",
    ])
