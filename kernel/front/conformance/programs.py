"""Other programs than ours run a small notebook through the installed kernel:
python programs.py. nbclient, nbconvert --execute, papermill, and jupyter
console fed through a pipe, which must end by itself.
"""

import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

here = os.path.dirname(os.path.abspath(__file__))
small = os.path.join(here, "small.ipynb")
bin = os.path.dirname(sys.executable)
PATIENCE = 150


def check(nb, want="42"):
    code = [c for c in nb.cells if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])]
    assert all(c.execution_count for c in code), [c.execution_count for c in code]
    assert code[0].outputs == [] and code[1].outputs == [], code[:2]
    printed, result = code[2].outputs
    assert printed.text == "printed\n", printed
    assert result.output_type == "execute_result" and result.data["text/plain"] == want, result
    figure = code[3].outputs[0]  # its caption follows
    assert figure.output_type == "display_data" and "<svg" in "".join(figure.data["image/svg+xml"]), figure


def client():
    nb = nbformat.read(small, 4)
    NotebookClient(nb, timeout=PATIENCE).execute()
    check(nb)
    assert nb.metadata.language_info.name == "go", nb.metadata
    bad = nbformat.read(small, 4)
    bad.cells = [nbformat.v4.new_code_cell('%%\npanic("no")'), nbformat.v4.new_code_cell("%%\nfmt.Println(1)")]
    try:
        NotebookClient(bad, timeout=PATIENCE).execute()
    except CellExecutionError as e:
        assert e.ename == "Panic" and e.evalue == "no", (e.ename, e.evalue)
        assert bad.cells[1].execution_count is None
    else:
        raise AssertionError("a failing cell does not stop nbclient")


def run(*args, **more):
    p = subprocess.run([os.path.join(bin, args[0]), *args[1:]], capture_output=True, text=True, timeout=PATIENCE, **more)
    assert p.returncode == 0, (args, p.returncode, p.stdout, p.stderr)
    return p


def converted(work):
    run("jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", work, "--output", "converted", small)
    check(nbformat.read(os.path.join(work, "converted.ipynb"), 4))
    run("jupyter", "nbconvert", "--execute", "--to", "html", "--output-dir", work, "--output", "page", small)
    with open(os.path.join(work, "page.html")) as f:
        page = f.read()
    assert "printed" in page and ("<svg" in page or "image/svg+xml" in page)


def mill(work):
    out = os.path.join(work, "milled.ipynb")
    run("papermill", "--no-progress-bar", small, out)
    check(nbformat.read(out, 4))


def console():
    # Each line is a cell here; the last one ends the console.
    p = run("jupyter", "console", "--kernel", "gxlab", "--simple-prompt", input="func twice(x int) int { return 2 * x }\n!echo said $((6*7))\nexit\n")
    assert "said 42" in p.stdout, (p.stdout, p.stderr)


with tempfile.TemporaryDirectory() as work:
    for name, of, do in [
        ("nbclient", "nbclient", client),
        ("nbconvert --execute", "nbconvert", lambda: converted(work)),
        ("papermill", "papermill", lambda: mill(work)),
        ("jupyter console", "jupyter_console", console),
    ]:
        began = time.time()
        do()
        print(f"{name} {version(of)}: {time.time() - began:.1f} s")
