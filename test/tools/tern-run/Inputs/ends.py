# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ends.py MODEL FOLDER: how tern-run ends that is interrupted or whose reader goes away, and in
which pieces it writes. Prints a line a case."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

FOLDER = pathlib.Path(sys.argv[2]).resolve()
MODEL = FOLDER / "model"
# Far more tokens than a test waits for.
LONG = ["--max-tokens=1000000", "--ignore-eos", "--threads=1"]
KEPT = [f"--cache-dir={FOLDER / 'cache'}"]


def start(*words, stdout=subprocess.PIPE):
    return subprocess.Popen(["tern-run", MODEL, *words], stdin=subprocess.DEVNULL, stdout=stdout,
                            stderr=subprocess.PIPE, start_new_session=True,
                            env={**os.environ, "TMPDIR": str(FOLDER / "tmp")})


def until(what):
    """Waits for `what` to be true."""
    end = time.monotonic() + 60
    while not what():
        if time.monotonic() > end:
            sys.exit("ends.py: waited for a minute in vain")
        time.sleep(0.01)


def describe(out):
    return "text and a newline" if len(out) > 1 and out.endswith(b"\n") else repr(out)


def report(case, process, begins=b""):
    before = time.monotonic()
    out, errors = process.communicate(timeout=60)
    late = ", late" if time.monotonic() - before > 10 else ""
    out = begins + out
    left = [path.name for path in (FOLDER / "tmp").iterdir()]
    print(f"{case}: {process.returncode}{late}, "
          f"{describe(out)}, "
          f"stderr {errors.decode()!r}, left {left}", flush=True)


def compiles(process):
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return bool(children.strip())


def interrupted_compile(case, send):
    process = start("--prompt=the", "--no-cache", *LONG)
    until(lambda: compiles(process))
    send(process.pid, signal.SIGINT)
    report(case, process)


def interrupted_generation(case, number):
    process = start("--prompt=the", *LONG, *KEPT)
    begins = process.stdout.read1(1)
    os.killpg(process.pid, number)
    report(case, process, begins)


def interrupted_prompt():
    (FOLDER / "long.txt").write_text("the " * 200000)
    process = start(f"--prompt-file={FOLDER / 'long.txt'}", *LONG, *KEPT)
    status = pathlib.Path(f"/proc/{process.pid}/stat")
    # A second of computing is more than loading takes, and less than this prompt.
    until(lambda: sum(map(int, status.read_text().split()[13:15])) > os.sysconf("SC_CLK_TCK"))
    os.killpg(process.pid, signal.SIGINT)
    report("while a prompt is read", process)


def piped_prompt(*words):
    pipe = FOLDER / "pipe"
    process = start(f"--prompt-file={pipe}", *words)
    # Opens when the program does.
    return process, open(pipe, "w")


def interrupted_pipe(case, *words):
    process, writer = piped_prompt(*words)
    with writer:
        os.killpg(process.pid, signal.SIGINT)
        report(case, process)


def prompt_from_pipe(case, *words):
    process, writer = piped_prompt("--max-tokens=8", *words)
    with writer:
        writer.write("the")
    wanted = start("--prompt=the", "--max-tokens=8", *words).communicate()[0]
    out, errors = process.communicate(timeout=60)
    print(f"{case}: {process.returncode}, {'the same' if out == wanted else out} as from --prompt, "
          f"stderr {errors.decode()!r}", flush=True)


def closed_pipe():
    process = start("--prompt=the", *LONG, *KEPT)
    process.stdout.read1(1)
    process.stdout.close()
    process.stdout = None
    errors = process.communicate(timeout=60)[1]
    print(f"closed pipe: {process.returncode}, stderr {errors.decode()!r}", flush=True)


def pieces():
    """Each write is a packet of its own, so a character that is split is seen."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = start("--prompt=Ã¼", "--max-tokens=100", "--ignore-eos", *KEPT, stdout=theirs)
    theirs.close()
    packets = []
    while packet := ours.recv(1 << 20):
        packets.append(packet)
    texts = [packet.decode() for packet in packets]
    wide = sum(not text.isascii() for text in texts)
    errors = process.communicate(timeout=60)[1].decode()
    print(f"pieces: {process.returncode}, {'many' if len(texts) > 20 else len(texts)} writes, "
          f"{'some' if wide else 'none'} beyond ASCII, stderr {errors!r}")


shutil.rmtree(FOLDER, ignore_errors=True)
(FOLDER / "tmp").mkdir(parents=True)
shutil.copytree(sys.argv[1], MODEL)
settings = json.loads((MODEL / "config.json").read_text())
(MODEL / "config.json").write_text(json.dumps({**settings, "max_position_embeddings": 1000000}))
interrupted_compile("while compiling", os.killpg)
interrupted_compile("while compiling, tern-run alone", os.kill)
interrupted_generation("while generating", signal.SIGINT)
interrupted_generation("terminated", signal.SIGTERM)
interrupted_prompt()
os.mkfifo(FOLDER / "pipe")
interrupted_pipe("pipe of a compiled model", *LONG, *KEPT)
interrupted_pipe("pipe before compiling", "--no-cache")
interrupted_pipe("pipe by reference", "--reference")
prompt_from_pipe("prompt from a pipe", "--no-cache")
prompt_from_pipe("prompt from a pipe by reference", "--reference")
closed_pipe()
pieces()
