"""Runs the same tests against three kernels and writes the table: python table.py OUT.md GONB_VERSION GOPLS_VERSION."""

import sys
from importlib.metadata import version
from platform import python_version

import test_kernel

KERNELS = {"gxlab": "gxlab", "gonb": "GoNB alone", "python3": "ipykernel"}


def main():
    out, gonb, gopls = sys.argv[1:4]
    results = {k: test_kernel.run(k).outcome for k in KERNELS}
    names = sorted(set().union(*results.values()) - {"setUpClass"})
    lines = [
        "# jupyter_kernel_test against three kernels",
        "",
        "Made by `run.sh table`. Each kernel gets samples in its own language that ask the same; a test that gets no "
        "answer within its time fails. GoNB alone has gopls beside it, gxlab here has not. ipykernel is not asked for "
        "a range of its history, as in its own tests.",
        "",
        "| test | " + " | ".join(KERNELS.values()) + " |",
        "|---|" + "---|" * len(KERNELS),
    ]
    for n in names:
        lines.append(f"| {n} | " + " | ".join(results[k].get(n, "fails") for k in KERNELS) + " |")
    count = {k: sum(v == "passes" for v in r.values()) for k, r in results.items()}
    lines.append("| **pass** | " + " | ".join(f"**{count[k]}**" for k in KERNELS) + " |")
    if test_kernel.SKIPPED:
        lines += ["", "Skipped:", ""] + [f"- {n}: {why}." for n, why in test_kernel.SKIPPED.items()]
    lines += [
        "",
        f"Versions: jupyter_kernel_test {version('jupyter_kernel_test')}, jupyter_client {version('jupyter_client')}, "
        f"ipykernel {version('ipykernel')}, Python {python_version()}, GoNB {gonb}, gopls {gopls}.",
    ]
    with open(out, "w") as f:
        f.write("\n".join(lines) + "\n")
    print("\n".join(lines))
    sys.exit(0 if count["gxlab"] >= max(count.values()) else 1)


main()
