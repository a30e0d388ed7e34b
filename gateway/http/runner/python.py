# SPDX-License-Identifier: Apache-2.0
# What a python context runs, after charts.py and notebook.py, whose functions it
# uses: code comes on standard input, a line each part of it; what it comes to goes
# to descriptor 3, a datagram a part of a line, and is answered by a byte once all
# that was written before it has been read.
def _main():
    import ast, asyncio, base64, builtins, importlib.machinery, inspect, io
    import json, linecache, os, signal, socket, sys, traceback, types
    import warnings

    PART = 16000
    # Of what is told beside a picture or a text: of more, nothing.
    EXTRA_MAX = 4 << 20
    channel = socket.socket(fileno=os.dup(3))
    os.close(3)
    source = os.fdopen(os.dup(0), "rb")
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    sys.stdin = open(0)
    os.environ.setdefault("MPLBACKEND", "Agg")
    warnings.filterwarnings("ignore", message=".*non-interactive.*")
    state = {"run": "", "stream": None, "is_running": False, "n": 0,
        "cells": 0, "shown": [], "ids": 0}

    def send(data):
        was = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        for at in range(0, len(data), PART):
            channel.send(data[at:at + PART])
            channel.recv(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, was)

    def flush():
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass

    # All that was written is told before what others write now.
    def settle():
        flush()
        send(b"\n")
        state["stream"] = None

    def tell(kind, **more):
        flush()
        more.update(run=state["run"], type=kind)
        send(json.dumps(more, default=str).encode() + b"\n")

    class Raw(io.RawIOBase):
        def __init__(self, number):
            self.number = number

        def writable(self):
            return True

        def fileno(self):
            return self.number

        def write(self, data):
            if state["stream"] not in (None, self.number):
                send(b"\n")
            state["stream"] = self.number
            data = bytes(data)
            at = 0
            while at < len(data):
                at += os.write(self.number, data[at:])
            return len(data)

    class Text(io.TextIOWrapper):
        other = None

        def __init__(self, number):
            super().__init__(io.BufferedWriter(Raw(number)),
                encoding="utf-8", errors="backslashreplace",
                line_buffering=True)

        def write(self, words):
            if self.other is not None:
                self.other.flush()
            return super().write(words)

    sys.stdout, sys.stderr = Text(1), Text(2)
    sys.stdout.other, sys.stderr.other = sys.stderr, sys.stdout

    KINDS = (("html", "_repr_html_", "text/html"),
        ("markdown", "_repr_markdown_", "text/markdown"),
        ("svg", "_repr_svg_", "image/svg+xml"),
        ("png", "_repr_png_", "image/png"),
        ("jpeg", "_repr_jpeg_", "image/jpeg"),
        ("pdf", "_repr_pdf_", "application/pdf"),
        ("latex", "_repr_latex_", "text/latex"),
        ("json", "_repr_json_", "application/json"),
        ("javascript", "_repr_javascript_", "application/javascript"))
    chart_of = _charts()

    def word(value):
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return value if isinstance(value, str) else json.dumps(value,
            default=str)

    # What is no JSON, or much of it, is left out.
    def extra(make):
        try:
            value = make()
            text = json.dumps(value, allow_nan=False)
        except Exception:
            return None
        return value if value and len(text) <= EXTRA_MAX else None

    def is_of(value, module, name):
        kind = getattr(sys.modules.get(module), name, None)
        return isinstance(kind, type) and isinstance(value, kind)

    def picture_of(figure):
        data = io.BytesIO()
        figure.savefig(data, format="png", bbox_inches="tight")
        return base64.b64encode(data.getvalue()).decode()

    def cell_of(value):
        if value != value:
            return None
        return value.isoformat() if hasattr(value, "isoformat") else value

    def columns_of(frame):
        return {str(name): [cell_of(value) for value in values]
            for name, values in frame.to_dict(orient="list").items()}

    # What is no method of a value's own.
    def add_known(value, found):
        more = {}
        if is_of(value, "matplotlib.figure", "Figure"):
            state["shown"].append(value)
            found["png"] = picture_of(value)
            more["chart"] = extra(lambda: chart_of(value))
        elif is_of(value, "pandas", "DataFrame"):
            more["data"] = extra(lambda: columns_of(value))
        elif type(value) in (dict, list):
            text = extra(lambda: json.dumps(value, allow_nan=False))
            more["json"] = text
        found.update({name: said for name, said in more.items() if said})

    def forms_of(value):
        found = {"text": repr(value)}
        bundle = None
        if hasattr(type(value), "_repr_mimebundle_"):
            try:
                bundle = value._repr_mimebundle_()
                bundle = bundle[0] if isinstance(bundle, tuple) else bundle
            except Exception:
                bundle = None
        for name, method, media in KINDS:
            data = (bundle or {}).get(media)
            if data is None and hasattr(type(value), method):
                try:
                    data = getattr(value, method)()
                except Exception:
                    data = None
            if isinstance(data, tuple):
                data = data[0]
            if data is not None:
                found[name] = word(data)
        add_known(value, found)
        return found

    def forms_by_media(bundle):
        found = {name: word(bundle[media]) for name, _, media in KINDS
            if media in bundle}
        return {"text": str(bundle.get("text/plain", "")), **found}

    def show(value, is_main=False, is_raw=False, **more):
        forms = forms_by_media(value) if is_raw else forms_of(value)
        tell("result", is_main=is_main, **forms, **more)

    class Shown:
        def __init__(self, name):
            self.display_id = name

        def display(self, *values, **more):
            display(*values, display_id=self.display_id, **more)

        def update(self, *values, **more):
            display(*values, display_id=self.display_id, update=True, **more)

        def __repr__(self):
            return "<DisplayHandle display_id=%s>" % self.display_id

    def display(*values, display_id=None, update=False, raw=False, **_):
        more = {}
        if display_id is not None:
            if display_id is True:
                state["ids"] += 1
                display_id = "display-%d" % state["ids"]
            more = {"display_id": str(display_id), "is_update": bool(update)}
        for value in values:
            show(value, is_raw=raw, **more)
        return Shown(display_id) if more and not update else None

    def update_display(*values, display_id, **more):
        display(*values, display_id=display_id, update=True, **more)

    # Those of matplotlib that are open and have not been shown.
    def show_figures(*_, **__):
        plot = sys.modules.get("matplotlib.pyplot")
        for number in plot.get_fignums() if plot else ():
            figure = plot.figure(number)
            if not any(one is figure for one in state["shown"]):
                show(figure)
            plot.close(figure)

    # What has no screen here, and what is a notebook's, shows what it is given.
    def patch_plot(module):
        module.show = show_figures
        module.Figure.show = lambda figure, *_, **__: show(figure)

    def patch_image(module):
        module.Image.show = lambda image, *_, **__: show(image)

    def patch_display(module):
        module.display, module.update_display = display, update_display
        module.clear_output = lambda *_, **__: None

    PATCHES = {"matplotlib.pyplot": patch_plot, "PIL.Image": patch_image,
        "IPython.core.display_functions": patch_display}

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in PATCHES:
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            run_module = spec.loader.exec_module if spec else None

            def exec_module(module):
                run_module(module)
                PATCHES[name](module)

            if spec:
                spec.loader.exec_module = exec_module
            return spec

    sys.meta_path.insert(0, Finder)

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    names = module.__dict__
    names["__builtins__"] = builtins
    builtins.display, builtins.update_display = display, update_display
    asyncio_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(asyncio_loop)

    def evaluate(tree, name, mode):
        code = compile(tree, name, mode,
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            return asyncio_loop.run_until_complete(eval(code, names))
        return eval(code, names)

    # The value of the last expression, where there is one.
    def run_cell(code, name):
        tree = compile(code, name, "exec", ast.PyCF_ONLY_AST |
            ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        evaluate(tree, name, "exec")
        return evaluate(last, name, "eval") if last is not None else None

    def run_inner(code):
        state["n"] += 1
        name = "<cell %d>" % state["n"]
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        return run_cell(as_python(code), name)

    as_python = _notebook(names, run_inner, settle, display)

    def run(code):
        state["shown"].clear()
        value = run_inner(code)
        if value is not None:
            names["_"] = value
            if not code.rstrip().endswith(";"):
                show(value, True)
        show_figures()

    def own(frames):
        while frames is not None and not \
                frames.tb_frame.f_code.co_filename.startswith("<cell"):
            frames = frames.tb_next
        return frames

    def on_interrupt(number, frame):
        if state["is_running"]:
            raise KeyboardInterrupt()

    def execute(code):
        try:
            state["is_running"] = True
            run(code)
            state["is_running"] = False
        except BaseException as error:
            state["is_running"] = False
            if isinstance(error, SystemExit):
                error.__traceback__ = None
            lines = traceback.format_exception(type(error), error,
                own(error.__traceback__))
            tell("error", name=type(error).__name__, value=str(error),
                traceback="".join(lines))

    signal.signal(signal.SIGINT, on_interrupt)
    tell("ready")
    parts, variables = {}, {}
    for line in source:
        _, number, more, data = line.split(b" ")[:4]
        data = bytes.fromhex(
            data.strip().strip(b"'").replace(b"\\x", b"").decode())
        if more == b"2":
            variables.setdefault(number, []).append(data.split(b"=", 1))
            continue
        parts[number] = parts.get(number, b"") + data
        if more != b"0":
            continue
        before = {name: os.environb.get(name)
            for name, _ in variables.get(number, [])}
        os.environb.update(variables.pop(number, []))
        state["run"], state["stream"] = number.decode(), None
        state["cells"] += 1
        tell("begin", n=state["cells"])
        try:
            execute(parts.pop(number).decode("utf-8", "replace"))
        except KeyboardInterrupt:
            pass
        state["is_running"] = False
        for name, value in before.items():
            if value is None:
                os.environb.pop(name, None)
            else:
                os.environb[name] = value
        tell("end")


_main()
