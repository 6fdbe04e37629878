"""What was measured, as tables: medians, and from the least to the greatest."""

import statistics


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def spread(values):
    """The median of some runs, and how far they lie apart."""
    middle = number(statistics.median(values))
    low, high = number(min(values)), number(max(values))
    return middle if low == high else f"{middle} ({low}-{high})"


class Table:
    def __init__(self, title, columns):
        self.title = title
        self.columns = columns
        self.rows = []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def markdown(self):
        lines = [f"### {self.title}", "",
                 "| " + " | ".join(self.columns) + " |",
                 "|" + "---|" * len(self.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"

    def text(self):
        everything = [self.columns] + self.rows
        widths = [max(len(row[i]) for row in everything)
                  for i in range(len(self.columns))]
        lines = [self.title]
        for row in everything:
            lines.append("  " + "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths))))
        return "\n".join(line.rstrip() for line in lines) + "\n"


def target(table, what, measured, bound, unit, at_least=False):
    """A row that says whether the median keeps a target."""
    value = statistics.median(measured)
    met = value >= bound if at_least else value <= bound
    table.add(what, f"{'at least' if at_least else 'at most'} "
              f"{bound:,g} {unit}", f"{spread(measured)} {unit}",
              "met" if met else "**missed**")
