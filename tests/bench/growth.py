"""How each ratio grows with the rows, as a picture for docs/performance.md."""

from collections.abc import Sequence
from math import log10
from xml.sax.saxutils import escape

from config.paths import BASE

PICTURE = BASE / "docs" / "images" / "growth.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 220, 30, 50
COLOURS = (
    "#1f5fa8", "#b4441c", "#3c7a3b", "#7a4b94", "#8a6d1a", "#2f7f86", "#99305a", "#555555",
    "#d98a1f", "#6fa8dc", "#8fbf4d",
)  # fmt: skip

Measured = tuple[str, int, float]  # name, rows, ratio


def draw(measured: Sequence[Measured]) -> None:
    PICTURE.write_text(svg(measured), encoding="utf-8")


def svg(measured: Sequence[Measured]) -> str:
    sizes = sorted({size for _name, size, _ratio in measured})
    highest = max(2.0, *(ratio for _name, _size, ratio in measured)) * 1.1
    names = list(dict.fromkeys(name for name, _size, _ratio in measured))
    parts = [*_frame(sizes, highest)]
    for place, name in enumerate(names):
        points = [(size, ratio) for known, size, ratio in measured if known == name]
        parts += _curve(name, points, COLOURS[place % len(COLOURS)], place, sizes, highest)
    inner = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>Ratios by number of rows</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{inner}\n</svg>\n'
    )


def _x(size: int, sizes: Sequence[int]) -> float:
    span = max(log10(sizes[-1]) - log10(sizes[0]), 1e-9)
    return LEFT + (log10(size) - log10(sizes[0])) / span * (WIDTH - LEFT - RIGHT)


def _y(ratio: float, highest: float) -> float:
    return HEIGHT - BOTTOM - ratio / highest * (HEIGHT - TOP - BOTTOM)


def _frame(sizes: Sequence[int], highest: float) -> list[str]:
    end = WIDTH - RIGHT
    parts = []
    for step in range(int(highest) + 1):
        y = _y(step, highest)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{end}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{step}</text>')
    for size in sizes:
        x = _x(size, sizes)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="18">times the baseline, by rows</text>')
    return parts


def _curve(
    name: str,
    points: Sequence[tuple[int, float]],
    colour: str,
    place: int,
    sizes: Sequence[int],
    highest: float,
) -> list[str]:
    spots = [(_x(size, sizes), _y(ratio, highest)) for size, ratio in points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots)
    label = f"{name} ({points[-1][1]:.2f})"
    y = TOP + 18 * place
    return [
        (
            f'<g fill="{colour}"><path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            f'{dots}<rect x="{WIDTH - RIGHT + 14}" y="{y - 9}" width="10" height="10"/>'
            f'<text x="{WIDTH - RIGHT + 30}" y="{y}">{escape(label)}</text></g>'
        )
    ]
