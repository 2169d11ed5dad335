"""A kernel's life under load, bounded in time: python life.py [--full].

Cells in a row, much output, interrupts at random moments by message and by
signal, kernels at once, the death of whoever started one. Nothing may hang, leak
or be left running. --full takes the numbers that are long.
"""

import os
import random
import signal
import subprocess
import sys
import time

from jupyter_client.manager import start_new_kernel

FULL = "--full" in sys.argv
KERNEL = "gxlab"


def processes():
    out = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        pid, parent, stat, args = line.split(None, 3)
        if not stat.startswith("Z"):
            found[int(pid)] = (int(parent), args)
    return found


def below(root):
    every, found, todo = processes(), {}, [root]
    while todo:
        at = todo.pop()
        for pid, (parent, args) in every.items():
            if parent == at:
                found[pid] = args
                todo.append(pid)
    return found


def gone(pids, patience):
    end = time.time() + patience
    while time.time() < end:
        left = {p: a[1] for p, a in processes().items() if p in pids}
        if not left:
            return {}
        time.sleep(0.1)
    return left


class Kernel:
    def __init__(self):
        self.km, self.kc = start_new_kernel(kernel_name=KERNEL)
        self.pid = self.km.provisioner.pid
        self.run("%%\nfmt.Println(0)")

    def ask(self, code):
        return self.kc.execute(code)

    def answer(self, request, timeout=60):
        while True:
            reply = self.kc.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == request:
                break
        text = {"stdout": 0, "stderr": ""}
        while True:
            m = self.kc.get_iopub_msg(timeout=timeout)
            if m["parent_header"].get("msg_id") != request:
                continue
            if m["msg_type"] == "stream":
                t, name = m["content"]["text"], m["content"]["name"]
                text[name] += len(t) if name == "stdout" else t
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                return reply["content"], text

    def run(self, code, timeout=60):
        return self.answer(self.ask(code), timeout)

    def memory(self):
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) // 1024

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def end(self):
        mine = set(below(self.pid)) | {self.pid}
        self.kc.stop_channels()
        self.km.shutdown_kernel()
        left = gone(mine, 5)
        assert not left, f"left after a shutdown: {left}"


def cells(n):
    k = Kernel()
    took = []
    for i in range(20):
        k.run(f"%%\nfmt.Println({i})")
    memory, files = k.memory(), k.files()
    for i in range(n):
        began = time.time()
        reply, text = k.run(f"%%\nfmt.Println({i + 100})")
        took.append(time.time() - began)
        assert reply["status"] == "ok" and text["stdout"] == len(str(i + 100)) + 1, (reply, text)
    took.sort()
    print(f"{n} cells: median {took[n // 2]:.3f} s, slowest {took[-1]:.3f} s; memory {memory} MB, then {k.memory()} MB; files {files}, then {k.files()}")
    assert k.memory() < memory + 50 and k.files() <= files + 2, "a leak"
    k.end()


def output(megabytes):
    k = Kernel()
    began = time.time()
    reply, text = k.run(f'%%\nline := strings.Repeat("x", 1023)\nfor range {megabytes} << 10 {{\n\tfmt.Println(line)\n}}', 120)
    assert reply["status"] == "ok"
    name = text["stderr"].split(" is in ")[1].split()[0]
    size = os.path.getsize(name)
    os.remove(name)
    print(f"{megabytes} MB of output in {time.time() - began:.1f} s: {text['stdout'] >> 20} MB shown, {size >> 20} MB in a file; memory {k.memory()} MB")
    assert text["stdout"] + size == megabytes << 20, (text["stdout"], size)
    k.end()


def interrupts(n):
    k = Kernel()
    slowest = 0
    for i in range(n):
        code = random.choice(
            [f"%%\ntime.Sleep(time.Hour) // {i}", "!sleep 100", "%%bash\nsleep 100 & sleep 100", f"%%\nfor {{\n}} // {i}", "!trap '' INT; sleep 100 & wait; sleep 100"]
        )
        request = k.ask(code)
        time.sleep(1.2 * random.random())
        began = time.time()
        if i % 2:
            k.km.interrupt_kernel()
        else:
            os.kill(k.pid, signal.SIGINT)
        reply, _ = k.answer(request, 30)
        slowest = max(slowest, time.time() - began)
        assert reply["status"] == "error" and reply["ename"] == "Interrupted", (code, reply)
    time.sleep(1)
    left = [a for a in below(k.pid).values() if "gonb" not in a and "read -r word" not in a and "gopls" not in a]
    print(f"{n} interrupts: slowest {slowest:.2f} s; left running: {left}")
    assert slowest < 6.5 and not left
    assert k.run('%%\nfmt.Println("on")')[0]["status"] == "ok"
    k.end()


def together(n):
    began = time.time()
    kernels = [Kernel() for _ in range(n)]
    asked = [k.ask(f"%%\nfmt.Println({i + 1000})") for i, k in enumerate(kernels)]
    for k, a in zip(kernels, asked):
        assert k.answer(a, 120)[0]["status"] == "ok"
    for k in kernels:
        k.end()
    print(f"{n} kernels at once: {time.time() - began:.1f} s")


def orphan():
    """Whoever started the kernel dies: the kernel and all of its own end."""
    code = (
        "import time; from jupyter_client.manager import start_new_kernel\n"
        f"km, kc = start_new_kernel(kernel_name={KERNEL!r})\n"
        "kc.execute('!sleep 300'); time.sleep(2); print(km.provisioner.pid, flush=True); time.sleep(60)"
    )
    p = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(p.stdout.readline())
    mine = set(below(pid)) | {pid}
    assert any("sleep 300" in processes()[m][1] for m in mine if m in processes())
    p.kill()
    p.wait()
    left = gone(mine, 8)
    print(f"the death of the client: {len(mine)} processes, left running: {left}")
    assert not left


def main():
    random.seed(7)
    orphan()
    interrupts(50 if FULL else 8)
    output(100 if FULL else 30)
    together(20 if FULL else 3)
    cells(1000 if FULL else 30)


main()
