"""jupyter_kernel_test with the samples of one kernel: python test_kernel.py KERNEL.

KERNEL is gxlab, gonb or python3. Every test has samples for each kernel, so that
none is skipped for want of one; what a kernel does not have at all is named in
SKIPPED with the reason.
"""

import functools
import sys
import unittest

import jupyter_kernel_test as jkt

GONB = '"github.com/janpfeifer/gonb/gonbui"'

SAMPLES = {
    "go": dict(
        language_name="go",
        file_extension=".go",
        code_hello_world='%%\nfmt.Println("hello, world")',
        code_stderr='%%\nfmt.Fprintln(os.Stderr, "to stderr")',
        completion_samples=[
            {"text": "%%\nfmt.Prin", "matches": {"Print", "Printf", "Println"}},
            {"text": "%%\nstrings.HasP", "matches": {"HasPrefix"}},
            {"text": "%%\nx := 1\nfmt.Println(strings.TrimSp", "matches": {"TrimSpace"}},
        ],
        complete_code_samples=[
            "%%\nfmt.Println(1)",
            "func f() int { return 1 }",
            "import \"fmt\"\n\ntype T struct {\n\tA int\n}",
            "%gxlab kept",
            "!ls",
            "%%\nx := `a\nb`\nfmt.Println(x)",
            "// only a comment",
        ],
        incomplete_code_samples=[
            "%%\nfmt.Println(",
            "func f() int {",
            "%%\nx := 1 +",
            "var s = `raw",
            "/* a comment",
            "%%\nfor i := range 3 {\n\tfmt.Println(i)",
            "!ls \\",
            "type T struct {\n\tA int",
        ],
        invalid_code_samples=["func 1f() { }", "func f() { }}", "%%\nx := := 2", 'var s = "open', "%%\nf(]"],
        code_generate_error='%%\npanic("boom")',
        code_execute_result=[
            {"code": "%%\n6 * 7", "result": "42"},
            {"code": '%%\nx := "a" + "b"\nx', "result": "ab"},
            {"code": '%%\nstrings.ToUpper("abc")', "result": "ABC"},
        ],
        code_display_data=[
            {"code": f'import {GONB}\n%%\ngonbui.DisplayHTML("<b>hi</b>")\ngonbui.Sync()', "mime": "text/html"},
            {"code": f'import {GONB}\n%%\ngonbui.DisplayMarkdown("**hi**")\ngonbui.Sync()', "mime": "text/markdown"},
            {
                "code": f'import (\n\t{GONB}\n\t"image"\n)\n%%\ngonbui.DisplayImage(image.NewGray(image.Rect(0, 0, 4, 4)))\ngonbui.Sync()',
                "mime": "image/png",
            },
        ],
        code_history_pattern="*strings.ToUpper*",
        supported_history_operations=("tail", "range", "search"),
        code_inspect_sample="%%\nfmt.Println",
        code_page_something="?fmt.Println",
        code_clear_output='import "github.com/gxlab/gxlab/kernel"\n%%\nkernel.Clear(false)',
    ),
    "python3": dict(
        language_name="python",
        file_extension=".py",
        code_hello_world="print('hello, world')",
        code_stderr="import sys; print('to stderr', file=sys.stderr)",
        completion_samples=[{"text": "zi", "matches": {"zip"}}],
        complete_code_samples=["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"],
        incomplete_code_samples=["print('''hello", "def f(x):\n  x*2"],
        invalid_code_samples=["import = 7q"],
        code_generate_error="raise ValueError('boom')",
        code_execute_result=[{"code": "6*7", "result": "42"}, {"code": "'a'+'b'", "result": "'ab'"}, {"code": "'abc'.upper()", "result": "'ABC'"}],
        code_display_data=[
            {"code": "from IPython.display import HTML, display; display(HTML('<b>hi</b>'))", "mime": "text/html"},
            {"code": "from IPython.display import Markdown, display; display(Markdown('**hi**'))", "mime": "text/markdown"},
        ],
        code_history_pattern="*upper*",
        supported_history_operations=("tail", "search"),  # as ipykernel's own tests: range names a session 0
        code_inspect_sample="zip",
        code_page_something="zip?",
        code_clear_output="from IPython.display import clear_output; clear_output()",
    ),
}
SAMPLES["gxlab"] = SAMPLES["gonb"] = SAMPLES["go"]

# What a kernel has not, with the reason. GoNB's and ipykernel's are not ours to
# give reasons for.
SKIPPED = {}


class Timeouts:
    """Ends where the suite waits for ever."""

    def get_non_kernel_info_reply(self, timeout=None):
        return super().get_non_kernel_info_reply(timeout=timeout or 40)


class Welcome(jkt.IopubWelcomeTests):
    support_iopub_welcome = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kc.get_iopub_msg = functools.partial(cls.kc.get_iopub_msg, timeout=20)


def suite(kernel):
    cases = type("Tests", (Timeouts, jkt.KernelTests), dict(SAMPLES[kernel], kernel_name=kernel))
    welcome = type("Welcome", (Welcome,), dict(kernel_name=kernel))
    loader = unittest.defaultTestLoader
    return unittest.TestSuite([loader.loadTestsFromTestCase(cases), loader.loadTestsFromTestCase(welcome)])


class Outcomes(unittest.TextTestResult):
    """Remembers how each test ended; one part of a test that fails fails it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcome = {}

    def note(self, test, how):
        name = getattr(test, "test_case", test).id().split(".")[-1]
        if self.outcome.get(name) != "fails":
            self.outcome[name] = how

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "passes")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "fails")

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "fails")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if hasattr(test, "test_case"):  # a part of a test: its other parts count
            self.outcome.setdefault(test.test_case.id().split(".")[-1], "passes")
        else:
            self.note(test, "skipped")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, "fails")


def run(kernel):
    return unittest.TextTestRunner(verbosity=2, resultclass=Outcomes).run(suite(kernel))


def main():
    kernel = sys.argv[1] if len(sys.argv) > 1 else "gxlab"
    result = run(kernel)
    unnamed = [t.id() for t, _ in result.skipped if t.id().split(".")[-1] not in SKIPPED]
    for t in unnamed:
        print("skipped, and no reason is named:", t)
    for name, why in SKIPPED.items():
        print(f"skipped: {name}: {why}")
    sys.exit(0 if result.wasSuccessful() and not unnamed else 1)


if __name__ == "__main__":
    main()
