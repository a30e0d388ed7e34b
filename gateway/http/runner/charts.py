# SPDX-License-Identifier: Apache-2.0
# What a figure of matplotlib shows, as numbers and words: the first part of what
# a python context runs. _charts() is a function of a figure, which answers a
# dictionary of what JSON has, or None where nothing is drawn in it.
def _charts():
    import datetime, math, re, sys

    UNIT = re.compile(r"\s\((.*?)\)|\[(.*?)\]")
    DATES = {"_SwitchableDateConverter", "DateConverter",
        "ConciseDateConverter", "DatetimeConverter"}

    # Of a figure; one of more is a picture alone.
    POINTS_MAX = 100000

    def plain(value):
        if type(value).__name__ == "MaskedConstant":
            return None
        if isinstance(value, datetime.date):
            return value.isoformat()
        kind = getattr(getattr(value, "dtype", None), "kind", "")
        if kind == "M":
            return str(value.astype("datetime64[s]"))
        if kind in tuple("biufO") and hasattr(value, "item"):
            value = value.item()
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return value if math.isfinite(value) else None
        return value if isinstance(value, str) else str(value)

    # To 8 digits behind those of whole numbers, which single precision spoils.
    def rounded(value):
        value = float(value)
        digits = 8 - math.floor(math.log10(abs(value))) if value else 8
        return float("%.*g" % (max(1, digits), value))

    def numbered(label, prefix, word):
        return "%s %s" % (word, label[len(prefix):]) \
            if label.startswith(prefix) else label

    def ends(line):
        return [list(line.get_xdata()), list(line.get_ydata())]

    def is_rule(thing):
        if not hasattr(thing, "get_xdata"):
            return False
        x, y = ends(thing)
        return len(x) == 2 and len(y) == 2 and (x[0] == x[1] or y[0] == y[1])

    def converter(axis):
        found = axis.get_converter() if hasattr(axis, "get_converter") else \
            axis.converter
        return type(found).__name__

    def texts(labels):
        return [label.get_text() for label in labels]

    def axis_of(axes, letter):
        axis = getattr(axes, letter + "axis")
        is_dates = converter(axis) in DATES
        ticks = getattr(axes, "get_%sticks" % letter)()
        scale = getattr(axes, "get_%sscale" % letter)()
        labels = texts(getattr(axes, "get_%sticklabels" % letter)())
        if is_dates:
            date = sys.modules["matplotlib.dates"].num2date
            ticks = [date(tick).isoformat() for tick in ticks]
        else:
            ticks = [plain(tick) for tick in ticks]
        if is_dates:
            scale = "datetime"
        elif scale == "linear" and ticks and all(tick == i and label != str(i)
                for i, (tick, label) in enumerate(zip(ticks, labels))):
            scale = "categorical"
        return {letter + "_ticks": ticks, letter + "_tick_labels": labels,
            letter + "_scale": scale}

    def labels_of(axes, is_turned=False):
        found = {}
        for letter, name in (("x", "y"), ("y", "x")) if is_turned else \
                (("x", "x"), ("y", "y")):
            label = getattr(axes, "get_%slabel" % letter)()
            unit = UNIT.search(label)
            found[name + "_label"] = label or None
            found[name + "_unit"] = unit and (unit[1] or unit[2])
        return found

    def points_of(pairs):
        return [[plain(x), plain(y)] for x, y in pairs]

    def lines(axes):
        elements = [{"label": numbered(line.get_label(), "_child", "Line"),
            "points": points_of(zip(*ends(line)))}
            for line in axes.get_lines() if not is_rule(line)]
        return {**labels_of(axes), **axis_of(axes, "x"), **axis_of(axes, "y"),
            "elements": elements}

    def scatter(axes):
        elements = [{"label": drawn.get_label(),
            "points": points_of(drawn.get_offsets())}
            for drawn in axes.collections]
        return {**labels_of(axes), **axis_of(axes, "x"), **axis_of(axes, "y"),
            "elements": elements}

    def pie(axes):
        return {"elements": [{"label": wedge.get_label(),
            "angle": abs(rounded(float(wedge.theta2) - float(wedge.theta1))),
            "radius": plain(wedge.r)} for wedge in axes.patches]}

    # What the bars or boxes at places are called: in order, where there are as
    # many labels; else by where a tick is.
    def names_at(axes, letter, places):
        labels = texts(getattr(axes, "get_%sticklabels" % letter)())
        if len(labels) == len(places):
            return labels
        at = {round(float(tick), 6): label for tick, label in
            zip(getattr(axes, "get_%sticks" % letter)(), labels)}
        return [at.get(round(float(place), 6)) or "%g" % place
            for place in places]

    def bars(axes):
        elements, is_turned = [], False
        for group in axes.containers:
            is_turned = getattr(group, "orientation", "") == "horizontal"
            label = numbered(group.get_label(), "_container", "Group")
            places = [bar.get_y() + bar.get_height() / 2 if is_turned else
                bar.get_x() + bar.get_width() / 2 for bar in group]
            names = names_at(axes, "y" if is_turned else "x", places)
            elements += [{"label": name, "group": label, "value": plain(
                bar.get_width() if is_turned else bar.get_height())}
                for name, bar in zip(names, group)]
        return {**labels_of(axes, is_turned), "elements": elements}

    def near(a, b):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)

    # A box's extent across its values, and along them; a line's the same.
    def box_of(patch, is_turned):
        spots = patch.get_path().vertices
        x, y = (spots[:, 1], spots[:, 0]) if is_turned else \
            (spots[:, 0], spots[:, 1])
        return {"from": x.min(), "to": x.max(), "first_quartile": y.min(),
            "third_quartile": y.max(), "min": y.min(), "max": y.max(),
            "median": None, "outliers": []}

    def add_line(box, x, y, line):
        if not x or min(x) < box["from"] or max(x) > box["to"]:
            return
        if line.get_linestyle() in ("None", "", " "):
            box["outliers"] += y
        elif len(y) != 2:
            return
        elif y[0] == y[1] and x[0] != x[1] and near(min(x), box["from"]) and \
                box["first_quartile"] <= y[0] <= box["third_quartile"]:
            box["median"] = y[0]
        elif x[0] == x[1] and near(max(y), box["first_quartile"]):
            box["min"] = min(y)
        elif x[0] == x[1] and near(min(y), box["third_quartile"]):
            box["max"] = max(y)

    def boxes(axes):
        for is_turned in (False, True):
            found = [box_of(patch, is_turned) for patch in axes.patches]
            for line in axes.lines:
                x, y = reversed(ends(line)) if is_turned else ends(line)
                for box in found:
                    add_line(box, list(x), list(y), line)
            if all(box["median"] is not None for box in found):
                break
        names = names_at(axes, "y" if is_turned else "x",
            [(box.pop("from") + box.pop("to")) / 2 for box in found])
        return {**labels_of(axes, is_turned), "elements": [
            {"label": name, **{key: [plain(one) for one in value]
                if key == "outliers" else plain(value)
                for key, value in box.items()}}
            for name, box in zip(names, found)]}

    def kind_of(axes):
        lib = sys.modules
        line = lib["matplotlib.lines"].Line2D
        patches = lib["matplotlib.patches"]
        drawn = [one for one in axes._children
            if not isinstance(one, lib["matplotlib.text"].Text)]
        if all(isinstance(one, line) for one in drawn):
            return "line", lines
        if all(isinstance(one, (patches.PathPatch, line)) for one in drawn):
            return "box_and_whisker", boxes
        drawn = [one for one in drawn if not is_rule(one)]
        for kind, name, make in (
                (lib["matplotlib.collections"].PathCollection, "scatter",
                    scatter), (patches.Wedge, "pie", pie),
                (patches.Rectangle, "bar", bars)):
            if all(isinstance(one, kind) for one in drawn):
                return name, make
        return "unknown", lambda axes: {"elements": []}

    def chart_of(axes):
        name, make = kind_of(axes)
        return {"type": name, "title": axes.get_title() or None, **make(axes)}

    def n_points(axes):
        return sum(len(line.get_xdata()) for line in axes.lines) + \
            sum(len(drawn.get_offsets()) for drawn in axes.collections) + \
            len(axes.patches)

    def figure_chart(figure):
        axes = figure.get_axes()
        if not any(one.has_data() for one in axes) or \
                sum(map(n_points, axes)) > POINTS_MAX:
            return None
        if len(axes) == 1:
            return chart_of(axes[0])
        title = getattr(figure, "_suptitle", None)
        return {"type": "superchart", "title": title.get_text() if title else
            "", "elements": [chart_of(one) for one in axes]}

    return figure_chart


