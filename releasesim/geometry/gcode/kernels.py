"""Compiled reading of G-code: bytes to words, and words to pieces of road.

Plain arrays in, plain arrays out; millimetres as in the file. What is rare stands in `machine`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Codes of commands: 10 times the number (G92.1 is 921), from these on for M and T.
OF_M, OF_T = 100_000, 200_000
COMMENT = -1
#: What `split_lines` may find wrong with a line.
NO_NUMBER, TWICE, CONTROL, TWO_COMMANDS = 1, 2, 3, 4
#: What `follow` may find wrong with a move.
NOT_FINITE, FAR_AWAY, OTHER_AXIS, NO_TOOL = 11, 12, 13, 14

#: Places in the state of `follow`.
X, Y, Z, E, OFF_X, OFF_Y, OFF_Z, UNIT, REL_XYZ, REL_E, VOLUMETRIC = range(11)
TOOL, FEATURE, WIDTH, HEIGHT = range(11, 15)
#: Columns of a tool: what is retracted now [mm], fed so far [mm], flow [-].
RETRACTED, FED, FLOW = range(3)
TOOLS = 16
FARTHEST = 2000.0  # [mm] from the origin: no printer for tablets is larger
_NOTHING = 1e-7  # [mm] of filament: rounding of sums


@njit(cache=True, nogil=True)
def _number(text, at, end):  # type: ignore[no-untyped-def]
    """Number at `at`: value, the place behind it, whether it is one. G-code has no exponents."""
    sign, digits, scale, seen, point = 1.0, 0.0, 1.0, False, False
    if at < end and (text[at] == 43 or text[at] == 45):
        sign = -1.0 if text[at] == 45 else 1.0
        at += 1
    while at < end:
        byte = text[at]
        if 48 <= byte <= 57:
            digits = digits * 10.0 + (byte - 48)
            if point:
                scale *= 10.0
            seen = True
        elif byte == 46 and not point:
            point = True
        else:
            break
        at += 1
    return sign * digits / scale, at, seen


@njit(cache=True, nogil=True)
def _comment(text, at, end):  # type: ignore[no-untyped-def]
    """End of the line, of the comment in it, and the comment's FNV-1a hash; 0: a nul byte."""
    begin = at
    while at < end and text[at] not in (10, 13):
        if text[at] == 0:
            return at, at, np.uint64(0)
        at += 1
    last = at
    while last > begin and text[last - 1] <= 32:
        last -= 1
    value = np.uint64(14695981039346656037)
    for n in range(begin, last):
        value = (value ^ np.uint64(text[n])) * np.uint64(1099511628211)
    return at, last, max(value, np.uint64(1))


@njit(cache=True, nogil=True)
def _read(code):  # type: ignore[no-untyped-def]
    """Whether the words of a command matter."""
    if code >= OF_T:
        return False
    if code >= OF_M:
        return code in (OF_M + 820, OF_M + 830, OF_M + 2000, OF_M + 2210)
    return code in (0, 10, 20, 30, 50, 60, 100, 110, 280, 920)


@njit(cache=True, nogil=True)
def _kept(code):  # type: ignore[no-untyped-def]
    """Whether a command matters at all."""
    return code >= OF_T or _read(code) or (code < OF_M and code != 40)


@njit(cache=True, nogil=True)
def split_lines(text, end, first, code, mask, values, line, spans, hashes):  # type: ignore[no-untyped-def]
    """Split whole lines of G-code into commands, words and comments; irrelevant ones are left out.

    Parameters
    ----------
    text : (m,) uint8
        `text[:end]` ends with a line end.
    first : int
        Number of its first line.
    code, mask, values, line, spans, hashes : arrays of at least as many rows as there are lines
        Written: command; which of the letters A to Z it has; their values (rows, 26), nan where a
        letter stands alone; line; begin and end of its comment (rows, 2); the comment's FNV-1a
        hash, 0 where it has none.

    Returns
    -------
    (rows, line, fault, place)
        Rows written, the next line's number; what is wrong there, 0 if nothing, and at which byte.
    """
    rows, at = 0, 0
    while at < end:
        command, seen, word, lenient = COMMENT, np.uint32(0), -1, False
        spans[rows, 0], spans[rows, 1], hashes[rows] = 0, 0, np.uint64(0)
        while at < end:
            byte = text[at]
            if byte in (10, 13):
                break
            if byte == 59:  # ;
                at += 1
                while at < end and (text[at] == 32 or text[at] == 9):
                    at += 1
                begin = at
                at, last, value = _comment(text, at, end)
                if value == 0:
                    return rows, first, CONTROL, at
                if last > begin:
                    spans[rows, 0], spans[rows, 1], hashes[rows] = begin, last, value
                break
            if byte == 40:  # ( a comment )
                while at < end and text[at] != 41 and text[at] != 10:
                    at += 1
                at += text[at] == 41
                continue
            if byte in (32, 9):
                at += 1
                continue
            if byte < 32 or byte >= 127:
                return rows, first, CONTROL, at
            if lenient:
                at += 1
                continue
            if byte == 42:  # a checksum ends the line
                lenient = True
                continue
            letter = byte - 97 if 97 <= byte <= 122 else byte - 65
            if not 0 <= letter < 26:
                if command == COMMENT:  # no command: a macro of the printer, or nothing
                    lenient = True
                    continue
                return rows, first, NO_NUMBER, at
            number, after, found = _number(text, at + 1, end)
            if command == COMMENT:
                if letter == 13 and found and word < 0:  # N, a line number
                    word = 13
                    at = after
                    continue
                if not found or letter not in (6, 12, 19) or number < 0.0 or number > 9999.0:
                    lenient = True  # a macro, T-1 and the like
                    continue
                command = round(10.0 * number)
                command += OF_M if letter == 12 else (OF_T if letter == 19 else 0)
                lenient = not _read(command)
                if lenient and command < OF_M:  # does an unknown motion extrude?
                    scan = after
                    while scan < end and text[scan] not in (10, 13, 59):
                        if text[scan] == 69 or text[scan] == 101:
                            seen |= np.uint32(1 << 4)
                        scan += 1
                at = after
                continue
            if letter in (6, 12):
                return rows, first, TWO_COMMANDS, at
            if seen & np.uint32(1 << letter):
                return rows, first, TWICE, at
            seen |= np.uint32(1 << letter)
            if not found:
                behind = text[at + 1] if at + 1 < end else 10
                if behind not in (32, 9, 10, 13, 59):
                    return rows, first, NO_NUMBER, at
                number, after = np.nan, at + 1
            values[rows, letter] = number
            at = after
        if hashes[rows] != 0 or (command != COMMENT and _kept(command)):
            code[rows], mask[rows], line[rows] = command, seen, first
            rows += 1
        if at + 1 < end and text[at] == 13 and text[at + 1] == 10:
            at += 1
        at += 1
        first += 1
    return rows, first, 0, at


@njit(cache=True, nogil=True)
def follow(begin, stop, code, mask, values, said, state, tools, out):  # type: ignore[no-untyped-def]
    """Follow straight moves until something rarer comes.

    Parameters
    ----------
    begin, stop : int
        Rows to follow.
    code, mask, values : as `split_lines` wrote them
    said : (rows, 3)
        What comments set: feature, width, height [mm]; nan where nothing.
    state, tools : (15,), (TOOLS, 3)
        Of the machine, changed.
    out : (rows, 13)
        Written: start and end, fed [mm, or mm3], width, height, tool, feature, volumetric, row.

    Returns
    -------
    (row, pieces, fault)
        The row where it stopped, how many pieces it wrote, what is wrong there.
    """
    pieces = 0
    for n in range(begin, stop):
        for place in range(3):
            if not np.isnan(said[n, place]):
                state[FEATURE + place] = said[n, place]
        if code[n] == COMMENT:
            continue
        if code[n] != 0 and code[n] != 10:
            return n, pieces, 0
        seen, unit = mask[n], state[UNIT]
        # bits of A B C and U V W: axes that we do not know
        if seen & np.uint32(0x700007):
            return n, pieces, OTHER_AXIS
        x, y, z = state[X], state[Y], state[Z]
        for axis in range(3):
            if seen & np.uint32(1 << (23 + axis)):
                value = values[n, 23 + axis] * unit
                base = state[X + axis] if state[REL_XYZ] else state[OFF_X + axis]
                state[X + axis] = base + value
                if not abs(state[X + axis]) <= FARTHEST:
                    return n, pieces, NOT_FINITE if np.isnan(value) else FAR_AWAY
        if not seen & np.uint32(1 << 4):
            continue
        value = values[n, 4] * unit
        if not abs(value) <= 1e9:
            return n, pieces, NOT_FINITE if np.isnan(value) else FAR_AWAY
        delta = value if state[REL_E] else value - state[E]
        state[E] += delta
        tool = int(state[TOOL])
        if tool < 0 or tool >= TOOLS:
            return n, pieces, NO_TOOL
        if delta <= 0.0:
            tools[tool, RETRACTED] -= delta
            continue
        given_back = min(delta, tools[tool, RETRACTED])
        tools[tool, RETRACTED] -= given_back
        delta -= given_back
        if delta <= _NOTHING:
            continue
        tools[tool, FED] += delta
        out[pieces, 0], out[pieces, 1], out[pieces, 2] = x, y, z
        out[pieces, 3], out[pieces, 4], out[pieces, 5] = state[X], state[Y], state[Z]
        out[pieces, 6] = delta * tools[tool, FLOW]
        out[pieces, 7], out[pieces, 8] = state[WIDTH], state[HEIGHT]
        out[pieces, 9], out[pieces, 10] = tool, state[FEATURE]
        out[pieces, 11], out[pieces, 12] = state[VOLUMETRIC], n
        pieces += 1
    return stop, pieces, 0
