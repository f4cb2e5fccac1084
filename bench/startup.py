"""From exec to the first answer, and memory at rest, of ours and of single-binary peers: 50_startup.py of ../shared/bench
without the peer that does not build everywhere. Run by bench/run; needs its PERF and OURS."""
import os
import shlex
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "shared", "bench"))
from bench import BIN, OURS, RUN, Proc, Table, emit, load, order, rounds, wipe  # noqa: E402

work = f"{RUN}/startup"
wipe(work)
os.makedirs(f"{work}/tusd")
open(f"{work}/Caddyfile", "w").write("{\n admin off\n auto_https off\n persist_config off\n}\nhttp://127.0.0.1:18202 {\n respond ok\n}\n")
home = dict(os.environ, XDG_DATA_HOME=work, XDG_CONFIG_HOME=work)
peers = {
    "tusd": ([f"{BIN}/tusd", "-host", "127.0.0.1", "-port", "18201", "-upload-dir", f"{work}/tusd", "-show-greeting=false"],
             "http://127.0.0.1:18201/files/"),
    "caddy": ([f"{BIN}/caddy", "run", "--config", f"{work}/Caddyfile", "--adapter", "caddyfile"], "http://127.0.0.1:18202/"),
    "pocketbase": ([f"{BIN}/base", "serve", "--http=127.0.0.1:18204", f"--dir={work}/pocketbase"], "http://127.0.0.1:18204/api/health"),
    "ours": (shlex.split(OURS["start"]["start"]), OURS["start"]["ready"]),
}
load("start")
table = Table()
for r in range(rounds(16) + 1):  # round 0 is a warm-up
    for name in order(list(peers), r):
        command, ready = peers[name]
        p = Proc("start-" + name, command, ready=ready, env=home)
        if r:
            table.add(name, "ready", p.start_s * 1e3, "ms")
        if r in (1, 2, 3):
            time.sleep(3)
            table.add(name, "idle_rss", p.mem()[0], "MiB")
        p.stop()
for name, (command, _) in peers.items():
    emit(f"start.{name}.binary", os.path.getsize(command[0]) / 1e6, "MB (stripped)")
table.show("start", base=["pocketbase", "tusd"], ratio_figs=["ready", "idle_rss"], only=("ours",))
load("start.end")
