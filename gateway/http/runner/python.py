# SPDX-License-Identifier: Apache-2.0
# What a python context runs: code comes on standard input, a line each part of
# it; what it comes to goes to descriptor 3, a datagram a part of a line, and is
# answered by a byte once all that was written before it has been read.
def _main():
    import ast, asyncio, base64, builtins, inspect, io, json, linecache, os
    import signal, socket, sys, traceback, types, warnings

    PART = 16000
    channel = socket.socket(fileno=os.dup(3))
    os.close(3)
    source = os.fdopen(os.dup(0), "rb")
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    sys.stdin = open(0)
    os.environ.setdefault("MPLBACKEND", "Agg")
    warnings.filterwarnings("ignore", message=".*non-interactive.*")
    state = {"run": "", "stream": None, "is_running": False, "n": 0}

    def send(data):
        was = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        for at in range(0, len(data), PART):
            channel.send(data[at:at + PART])
            channel.recv(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, was)

    def tell(kind, **more):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
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
        ("latex", "_repr_latex_", "text/latex"),
        ("json", "_repr_json_", "application/json"))

    def word(value):
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return value if isinstance(value, str) else json.dumps(value,
            default=str)

    def show(value, is_main=False):
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
        tell("result", is_main=is_main, **found)

    def show_figures():
        plot = sys.modules.get("matplotlib.pyplot")
        for number in plot.get_fignums() if plot else ():
            figure = plot.figure(number)
            data = io.BytesIO()
            figure.savefig(data, format="png", bbox_inches="tight")
            tell("result", is_main=False, text=repr(figure),
                png=base64.b64encode(data.getvalue()).decode())
            plot.close(figure)

    def display(*values):
        for value in values:
            show(value)

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    names = module.__dict__
    names["__builtins__"] = builtins
    builtins.display = display
    asyncio_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(asyncio_loop)

    def evaluate(tree, name, mode):
        code = compile(tree, name, mode,
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            return asyncio_loop.run_until_complete(eval(code, names))
        return eval(code, names)

    def run(code):
        state["n"] += 1
        name = "<cell %d>" % state["n"]
        linecache.cache[name] = (len(code), None,
            code.splitlines(True), name)
        tree = compile(code, name, "exec", ast.PyCF_ONLY_AST |
            ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        evaluate(tree, name, "exec")
        if last is not None:
            value = evaluate(last, name, "eval")
            if value is not None:
                names["_"] = value
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
        tell("begin")
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
