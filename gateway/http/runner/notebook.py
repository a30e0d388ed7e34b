# SPDX-License-Identifier: Apache-2.0
# What cells may have that Python has not, as those of notebooks do: %magic,
# %%magic, !command and name? at the beginning of a statement. The second part of
# what a python context runs. _notebook() is the function that has them as Python.
def _notebook(names, execute, settle, display):
    import ast, builtins, contextlib, io, os, pydoc, re, shlex, subprocess
    import sys, time, timeit as timing, types

    # Lines of a cell that may be other than Python's.
    REWRITTEN_MAX = 1000
    ESCAPE = re.compile(r"(\s*)((?:[\w.\[\], ]+=)?\s*)(%|!!?)\s*(.*)", re.S)
    HELP = re.compile(r"(\s*)\??([\w.]+)\?{0,2}\s*$")
    QUIET = {"matplotlib", "load_ext", "reload_ext", "autoreload", "config",
        "colors", "xmode", "precision", "pdb", "gui"}
    SHELL = {"ls", "cat", "mkdir", "rm", "cp", "mv", "rmdir", "ll"}

    class UsageError(Exception):
        pass

    # {code} is its value, and $name that of a variable that there is.
    def expand(text):
        def of_code(found):
            try:
                return str(eval(found[1], names))
            except Exception:
                return found[0]

        text = re.sub(r"\{([^{}]+)\}", of_code, text)
        return re.sub(r"\$([A-Za-z_]\w*)", lambda found: str(names[found[1]])
            if found[1] in names else found[0], text)

    def run_shell(text, words=None, stdin=None):
        settle()
        done = subprocess.run(words or ["sh", "-c", text], input=stdin)
        settle()
        names["_exit_code"] = done.returncode

    def call_system(text):
        run_shell(expand(text))

    def read_output(text):
        done = subprocess.run(expand(text), shell=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.splitlines()

    def pretty(seconds):
        for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
            if seconds >= size:
                return "%.3g %s" % (seconds / size, unit)
        return "%.3g ns" % (seconds * 1e9)

    def clocked(code):
        wall, cpu = time.perf_counter(), os.times()
        try:
            return execute(code)
        finally:
            now = os.times()
            print("CPU times: user %s, sys: %s, total: %s\nWall time: %s" % (
                pretty(now.user - cpu.user), pretty(now.system - cpu.system),
                pretty(now.user + now.system - cpu.user - cpu.system),
                pretty(time.perf_counter() - wall)))

    def timed(line, code=None):
        words = re.match(r"((?:-[nr]\s*\d+\s+|-q\s+)*)(.*)", line, re.S)
        given = dict(re.findall(r"-([nr])\s*(\d+)", words[1]))
        timer = timing.Timer(code if code is not None else words[2],
            words[2] if code is not None else "pass", globals=names)
        number = int(given.get("n", 0)) or timer.autorange()[0]
        repeat = int(given.get("r", 7))
        all_s = [one / number for one in timer.repeat(repeat, number)]
        print("%s per loop (best of %d runs, %d loops each)" % (
            pretty(min(all_s)), repeat, number))

    def change_folder(line):
        to = os.path.expanduser(expand(line).strip().strip("\"'") or "~")
        before = os.getcwd()
        os.chdir(names.get("_oldpwd", before) if to == "-" else to)
        names["_oldpwd"] = before
        print(os.getcwd())

    def environment(line):
        name, equals, value = expand(line).partition("=")
        if not equals and " " in line:
            name, _, value = expand(line).partition(" ")
        if not line:
            return dict(os.environ)
        if not equals and not value:
            return os.environ.get(name.strip())
        os.environ[name.strip()] = value.strip()
        print("env: %s=%s" % (name.strip(), value.strip()))

    def who(line):
        found = [name for name, value in names.items()
            if not name.startswith("_") and
            not isinstance(value, types.ModuleType)]
        print("\t".join(sorted(found)))

    def run_file(line):
        words = shlex.split(expand(line))
        was, sys.argv = sys.argv, words
        try:
            with open(words[0]) as file:
                execute(file.read())
        finally:
            sys.argv = was

    def reset(line):
        for name in [name for name in names if not name.startswith("__")]:
            del names[name]

    def write_file(line, cell):
        words = shlex.split(expand(line))
        is_more = "-a" in words
        path = os.path.expanduser([w for w in words if w != "-a"][0])
        print("%s %s" % ("Appending to" if is_more else "Overwriting"
            if os.path.exists(path) else "Writing", path))
        with open(path, "a" if is_more else "w") as file:
            file.write(cell)

    def capture(line, cell):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            execute(cell)
        words = [word for word in line.split() if not word.startswith("-")]
        for word in words[:1]:
            names[word] = types.SimpleNamespace(stdout=out.getvalue(),
                stderr=err.getvalue())

    def shown_as(media):
        def show(line, cell):
            display({media: cell}, raw=True)
        return show

    LINES = {
        "cd": change_folder, "pwd": lambda line: os.getcwd(),
        "env": environment, "set_env": environment,
        "time": lambda line: clocked(line), "timeit": timed,
        "pip": lambda line: run_shell("", [sys.executable, "-m", "pip",
            *shlex.split(expand(line))]),
        "who": who, "whos": who, "run": run_file, "reset": reset,
        "sx": read_output, "system": read_output,
    }
    CELLS = {
        "time": lambda line, cell: clocked(cell), "timeit": timed,
        "bash": lambda line, cell: run_shell("", ["bash"], cell.encode()),
        "sh": lambda line, cell: run_shell("", ["sh"], cell.encode()),
        "writefile": write_file, "file": write_file, "capture": capture,
        "html": shown_as("text/html"), "HTML": shown_as("text/html"),
        "markdown": shown_as("text/markdown"),
        "latex": shown_as("text/latex"), "svg": shown_as("image/svg+xml"),
        "javascript": shown_as("application/javascript"),
        "js": shown_as("application/javascript"),
    }

    class Shell:
        user_ns = names

        def run_line_magic(self, name, line):
            if name in SHELL:
                return call_system(name + " " + line)
            if name in LINES:
                return LINES[name](line)
            if name not in QUIET:
                raise UsageError("Line magic function `%%%s` not found." %
                    name)

        def run_cell_magic(self, name, line, cell):
            if name not in CELLS:
                raise UsageError("Cell magic `%%%%%s` not found." % name)
            return CELLS[name](line, cell)

        def magic(self, text):
            return self.run_line_magic(*(text.split(None, 1) + [""])[:2])

        def ask(self, name):
            try:
                about = eval(name, names)
            except Exception:
                print("Object `%s` not found." % name)
            else:
                print(pydoc.plain(pydoc.render_doc(about)))

        system = staticmethod(call_system)
        getoutput = staticmethod(read_output)

    shell = Shell()
    builtins.get_ipython = lambda: shell

    # A line as Python, or None where it is nothing of ours.
    def rewrite(line):
        found = ESCAPE.fullmatch(line)
        if found:
            indent, target, sign, rest = found.groups()
            if sign == "%":
                name, _, rest = rest.partition(" ")
                call = "run_line_magic(%r, %r)" % (name, rest.strip())
            else:
                call = "%s(%r)" % ("getoutput" if target.strip() or
                    sign == "!!" else "system", rest)
        else:
            found = HELP.fullmatch(line) if "?" in line else None
            if not found:
                return None
            indent, target, call = found[1], "", "ask(%r)" % found[2]
        return "%s%sget_ipython().%s" % (indent, target, call)

    def is_python(code):
        try:
            compile(code, "<cell>", "exec", ast.PyCF_ONLY_AST |
                ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            return error.lineno
        except ValueError:
            pass
        return 0

    # The line that Python does not know is rewritten, until it knows all.
    def rewrite_lines(code):
        for _ in range(REWRITTEN_MAX):
            at = is_python(code)
            lines = code.split("\n")
            if not at or at > len(lines):
                return code
            last = at
            while last < len(lines) and lines[last - 1].endswith("\\"):
                last += 1
            line = "".join(part[:-1] if part.endswith("\\") else part
                for part in lines[at - 1:last])
            said = rewrite(line)
            if said is None:
                return code
            lines[at - 1:last] = [said] + [""] * (last - at)
            code = "\n".join(lines)
        return code

    # As much as the first line is indented, all are.
    def as_python(code):
        first = next((line for line in code.split("\n") if line.strip()), "")
        indent = first[:len(first) - len(first.lstrip())]
        if indent:
            code = "\n".join(line[len(indent):] if line.startswith(indent)
                else line for line in code.split("\n"))
        if first.strip().startswith("%%"):
            line, _, cell = code.lstrip().partition("\n")
            name, _, rest = line[2:].partition(" ")
            return "get_ipython().run_cell_magic(%r, %r, %r)" % (name,
                rest.strip(), cell)
        return rewrite_lines(code)

    return as_python


