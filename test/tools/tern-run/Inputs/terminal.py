# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""terminal.py COLUMNS COMMAND...: runs the command on a terminal of that width, and prints the lines of
progress that it shows, each once, and how many columns the widest has."""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
os.close(theirs)
shown = b""
try:
    while piece := os.read(ours, 4096):
        shown += piece
except OSError:  # the other end is closed
    pass
lines = [line.replace("\x1b[K", "") for line in shown.decode().split("\r")]
for line in dict.fromkeys(line for line in lines if line):
    print(line)
print("widest:", max(map(len, lines)), "columns, exit code", process.wait())
