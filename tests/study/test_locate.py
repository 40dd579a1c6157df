"""Every key that tomllib reads has a line, and it is the right one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from releasesim.study.locate import line_of, locate

FULL = Path(__file__).parents[2] / "examples" / "full_study.toml"

TRICKY = r'''# comment with [table] and = sign
a."b.c".d = 1
x = """
multi ""\" line # [no]
k = "not a key"
"""""
y = [ # comment, with ] bracket
  1, 2,
  { z = 'q#', w."r s" = [ "]" ] },
]
[ t . "u v" ]
k = 1 # trailing
"quoted \" key" = 'lit\'
[[arr]]
n = 1
[[arr]]
n = 2
[arr.sub]
q = 3
[[arr.deep]]
p = 1979-05-27 07:32:00
e = {}
f = []
'''


def paths(value, keys=()):
    if keys:
        yield keys
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield from paths(inner, (*keys, key))


def test_every_key_of_the_full_study_is_located_where_its_word_stands():
    text = FULL.read_text(encoding="utf-8")
    lines = locate(text)
    for keys in paths(tomllib.loads(text)):
        written = text.splitlines()[line_of(lines, keys) - 1]
        words = [key for key in keys if isinstance(key, str)]
        assert words[-1] in written


def test_tricky_toml():
    lines = locate(TRICKY)
    found = {
        ("a", "b.c", "d"): 2,
        ("x",): 3,
        ("y",): 7,
        ("y", 2, "w", "r s"): 9,
        ("t", "u v", "k"): 12,
        ("t", "u v", 'quoted " key'): 13,
        ("arr", 0, "n"): 15,
        ("arr", 1, "n"): 17,
        ("arr", 1, "sub", "q"): 19,
        ("arr", 1, "deep", 0, "p"): 21,
        ("arr", 1, "deep", 0, "f"): 23,
    }
    assert {keys: lines[keys] for keys in found} == found
    missing = set(paths(tomllib.loads(TRICKY))) - set(lines)
    assert missing == {("t",)}  # named only as part of [t."u v"]


def test_windows_line_ends_count_once():
    assert locate("a = 1\r\n[t]\r\nb = 2\r\n")[("t", "b")] == 3


def test_an_unknown_path_has_the_line_of_its_longest_known_part():
    lines = locate("[a]\nb = 1")
    assert line_of(lines, ("a", "b", "c")) == 2
    assert line_of(lines, ("a", "x")) == 1
    assert line_of(lines, ("z",)) is None
