"""Small plots as SVG, without any library: horizontal bars, and lines. Numbers come with their spread: (median, low, high)."""
import math
from xml.sax.saxutils import escape

from bench.results import short

WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 760, 230, 90, 56, 20, 10
COLOURS = ("#2f6f9f", "#c2702d", "#4d8a4f", "#8a5a9a", "#7a7a7a")
TEXT = 'font-family="sans-serif" font-size="12" fill="#222"'


def _text(x, y, text, anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {TEXT} {extra}>{escape(text)}</text>'


def _line(x1, y1, x2, y2, colour="#ddd", extra=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {extra}/>'


def _document(height, title, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}" role="img">'
            f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>')
    return "\n".join([head, _text(16, 24, title, extra='font-weight="bold"'), *parts, "</svg>"]) + "\n"


def _nice(limit, most=6):
    """A step of 1, 2 or 5 times a power of ten, so that at most so many reach the limit."""
    power = 10 ** math.floor(math.log10(limit / most))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if limit / (power * factor) <= most)


class Scale:
    """From numbers to places; linear from 0, or of powers of ten."""

    def __init__(self, low, high, start, end, log=False):
        self.log, self.start, self.end = log, start, end
        if log:
            self.low, self.high = math.floor(math.log10(low) + 1e-9), max(math.ceil(math.log10(high) - 1e-9), math.floor(math.log10(low) + 1e-9) + 1)
            self.ticks = [10 ** power for power in range(self.low, self.high + 1)]
        else:
            step = _nice(high)
            self.low, self.high = 0, step * math.ceil(high / step - 1e-9)
            self.ticks = [step * number for number in range(round(self.high / step) + 1)]

    def at(self, number):
        value = math.log10(max(number, 10 ** self.low)) if self.log else number
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)


def bars(title, unit, items, target=None, log=False):
    """items: [(label, (median, low, high), colour number)]. target: (number, what)."""
    items = [item for item in items if item[1]]
    numbers = [number for _, spread, _ in items for number in spread if number > 0] + ([target[0]] if target else [])
    bottom = TOP + len(items) * (BAR + GAP)
    scale = Scale(min(numbers), max(numbers), LEFT, WIDTH - RIGHT, log)
    parts = []
    for tick in scale.ticks:
        parts += [_line(scale.at(tick), TOP - 6, scale.at(tick), bottom), _text(scale.at(tick), bottom + 16, short(tick), "middle")]
    for place, (label, (median, low, high), colour) in enumerate(items):
        y = TOP + place * (BAR + GAP)
        middle = y + BAR / 2
        parts += [_text(LEFT - 8, middle + 4, label, "end"),
                  f'<rect x="{LEFT}" y="{y}" width="{max(scale.at(median) - LEFT, 1):.1f}" height="{BAR}" fill="{COLOURS[colour % len(COLOURS)]}"/>']
        if high > low:
            parts.append(_line(scale.at(low), middle, scale.at(high), middle, "#222", 'stroke-width="1.5"'))
        parts.append(_text(max(scale.at(high), scale.at(median)) + 6, middle + 4, short(median)))
    if target:
        parts += [_line(scale.at(target[0]), TOP - 10, scale.at(target[0]), bottom, "#b00020", 'stroke-dasharray="5 3" stroke-width="1.5"'),
                  _text(scale.at(target[0]), TOP - 14, target[1], "middle", 'style="fill:#b00020"')]
    parts += [_line(LEFT, TOP - 6, LEFT, bottom, "#222"), _text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, unit, "middle")]
    return _document(bottom + 48, title, parts)


def _free(written, column, y):
    """A height where no other number of the column stands."""
    while any(column == other and abs(y - height) < 13 for other, height in written):
        y -= 3
    written.append((column, y))
    return y


def lines(title, x_unit, y_unit, series, log=False, target=None):
    """series: {name: [(x label, (median, low, high))]}, the same labels for all, evenly spaced. target: (y, what)."""
    height, bottom, left = 380, 310, 90
    labels = [label for label, _ in next(iter(series.values()))]
    numbers = [number for points in series.values() for _, spread in points for number in spread if number > 0] + ([target[0]] if target else [])
    scale = Scale(min(numbers), max(numbers), bottom, TOP, log)
    place = lambda number: left + (WIDTH - 60 - left) * (number + 0.5) / len(labels)  # noqa: E731
    parts = []
    for tick in scale.ticks:
        parts += [_line(left, scale.at(tick), WIDTH - 60, scale.at(tick)), _text(left - 8, scale.at(tick) + 4, short(tick), "end")]
    parts += [_text(place(number), bottom + 18, label, "middle") for number, label in enumerate(labels)]
    written, words = [], []  # numbers come last, over all lines
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{place(i):.1f},{scale.at(median):.1f}" for i, (_, (median, _, _)) in enumerate(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for i, (_, (median, low, high)) in enumerate(points):
            parts += [_line(place(i), scale.at(low), place(i), scale.at(high), colour),
                      f'<circle cx="{place(i):.1f}" cy="{scale.at(median):.1f}" r="3.5" fill="{colour}"/>']
            words.append(_text(place(i), _free(written, i, scale.at(median) - 8), short(median), "middle",
                               f'style="fill:{colour};paint-order:stroke;stroke:#fff;stroke-width:4px"'))
        parts += [f'<rect x="{left + number * 155}" y="{height - 20}" width="12" height="12" fill="{colour}"/>',
                  _text(left + number * 155 + 18, height - 10, name)]
    if target:
        parts += [_line(left, scale.at(target[0]), WIDTH - 60, scale.at(target[0]), "#b00020", 'stroke-dasharray="5 3" stroke-width="1.5"'),
                  _text(WIDTH - 64, scale.at(target[0]) - 6, target[1], "end", 'style="fill:#b00020"')]
    parts += words
    parts += [_line(left, TOP - 6, left, bottom, "#222"), _line(left, bottom, WIDTH - 60, bottom, "#222"), _text(left, TOP - 14, y_unit),
              _text((left + WIDTH - 60) / 2, bottom + 38, x_unit, "middle")]
    return _document(height, title, parts)
