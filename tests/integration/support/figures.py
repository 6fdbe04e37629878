"""Figures that a run shows at its end, and that no test asserts."""

_notes = []


def note(text):
    _notes.append(text)


def show():
    for text in _notes:
        print(f"figure: {text}")
