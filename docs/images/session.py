#!/usr/bin/env python3
"""Runs commands on a pseudo-terminal of 80 columns and draws what is then on its screen as an SVG: session.py OUT.svg COMMAND...

A screen for line-oriented programs: carriage return, erasing to the end of a line, colours and bold. Anything else that a terminal knows
ends the drawing with an error, so that no picture shows what nobody would see.
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from html import escape

COLUMNS, ROWS = 80, 50
CELL, LINE, MARGIN, BAR = 8.4, 18, 16, 30
FOREGROUND, BACKGROUND, PROMPT = "#d6dae0", "#1b1f27", "#7aa2f7"
COLOURS = ["#6b7280", "#f0716a", "#7fc97f", "#e6c468", "#7aa2f7", "#c792ea", "#63c8d8", "#d6dae0"]
CONTROL = re.compile(r"\x1b\[(?P<arguments>[\d;?]*)(?P<end>[A-Za-z])")


class Screen:
    """Lines of cells: a character and its style."""

    def __init__(self):
        self.lines, self.column, self.style = [[]], 0, ""

    def write(self, text):
        at = 0
        while at < len(text):
            if control := CONTROL.match(text, at):
                self.control(control["arguments"], control["end"])
                at = control.end()
            else:
                self.put(text[at])
                at += 1

    def control(self, arguments, end):
        if end == "m":
            for number in [int(n or 0) for n in arguments.split(";")]:
                if number in (0, 39, 22):
                    self.style = ""
                elif number == 1:
                    self.style = "font-weight:bold"
                elif 30 <= number <= 37 or 90 <= number <= 97:
                    self.style = f"fill:{COLOURS[number % 10]}"
                else:
                    raise SystemExit(f"session.py: colour {number} is not known")
        elif end == "K":
            keep = 0 if arguments == "2" else self.column
            del self.lines[-1][keep:]
        elif end not in "hl":
            raise SystemExit(f"session.py: control sequence {arguments}{end} is not known")

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.lines.append([])
            self.column = 0
        elif character < " ":
            raise SystemExit(f"session.py: control character {ord(character)} is not known")
        else:
            if self.column == COLUMNS:
                self.put("\n")
            line = self.lines[-1]
            line.extend([(" ", "")] * (self.column + 1 - len(line)))
            line[self.column] = (character, self.style)
            self.column += 1

    def trimmed(self):
        lines = list(self.lines)
        while lines and not "".join(c for c, _ in lines[-1]).strip():
            lines.pop()
        return lines


def run(command):
    """What a command writes to a terminal, until it has ended."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = dict(os.environ, TERM="xterm-256color")
    process = subprocess.Popen(["bash", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
    os.close(theirs)
    output = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # The other side is closed: EIO on Linux.
            break
        if not piece:
            break
        output += piece
    process.wait()
    os.close(ours)
    return output.decode()


def draw(lines):
    width, height = COLUMNS * CELL + 2 * MARGIN, BAR + len(lines) * LINE + MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
           f'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14">')
    yield f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>'
    for place, colour in enumerate(["#f0716a", "#e6c468", "#7fc97f"]):
        yield f'<circle cx="{MARGIN + 6 + place * 18}" cy="16" r="5" fill="{colour}"/>'
    for row, line in enumerate(lines):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end][1] == line[start][1]:
                end += 1
            text = "".join(c for c, _ in line[start:end])
            if text.strip():
                # Each run of cells has its own place and width, so that columns hold with any font.
                yield (f'<text xml:space="preserve" x="{MARGIN + start * CELL:.1f}" y="{BAR + row * LINE + 14}" '
                       f'textLength="{len(text) * CELL:.1f}" lengthAdjust="spacingAndGlyphs" fill="{FOREGROUND}" '
                       f'style="{line[start][1]}">{escape(text)}</text>')
            start = end
    yield "</svg>"


def main():
    target, commands = sys.argv[1], sys.argv[2:]
    screen = Screen()
    for command in commands:
        if screen.column:
            screen.write("\r\n")
        screen.style = f"fill:{PROMPT};font-weight:bold"
        screen.write("$ ")
        screen.style = "font-weight:bold"
        screen.write(command)
        screen.style = ""
        screen.write("\r\n" + run(command).replace("\r\r\n", "\r\n"))
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(draw(screen.trimmed())) + "\n")


main()
