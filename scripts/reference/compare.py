#!/usr/bin/env python3
"""Measures Fathom and the references in turn, round after round, and writes the tables of docs/performance.md.

Machines drift: clocks, neighbours, temperature. So every round measures every competitor once, in a process of its own,
and a ratio is the median of the ratios of the rounds."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FATHOM = ROOT / "target/release/fathom"
# Generated weights and the exported network, kept from call to call.
FILES = ROOT / "target/performance"
BUILT_IN = ROOT / "assets/models/depth-anything-v2-small.safetensors"
BEGIN, END = "<!-- figures: scripts/performance.sh -->", "<!-- end of figures -->"
STAGES = ("embedding", "local", "global", "camera", "levels", "fusion", "neck", "output")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3, help="runs of one process that count")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--out", type=Path, default=ROOT / "docs/performance.md")
    return parser.parse_args()


class Fathom:
    """One configuration of `fathom bench`."""

    def __init__(self, model, size, views=1, precision="f32", plain=False):
        self.model, self.size, self.views, self.precision, self.plain = model, size, views, precision, plain

    def command(self, arguments, figures):
        command = [FATHOM, "bench", "--model", self.model, "--size", self.size, "--views", self.views]
        command += ["--precision", self.precision, "--runs", arguments.runs, "--threads", arguments.threads]
        command += ["--device", "cpu", "--weights-dir", FILES, "--json", figures]
        return command + ["--plain"] * self.plain

    def measure(self, arguments):
        figures = FILES / "figures.json"
        call(self.command(arguments, figures))
        report = json.loads(figures.read_text())
        return report["results"][0] | {"machine": report["machine"], "engine": f"Fathom {report['version']}"}


class Reference:
    """One configuration of a reference network: `torch` or `onnx`."""

    def __init__(self, engine, model, size, views=1, precision="f32", channels_last=False):
        self.engine, self.model, self.size, self.views, self.precision = engine, model, size, views, precision
        self.channels_last = channels_last

    def weights(self):
        if self.engine == "onnx":
            return FILES / f"{self.model}-{self.size}.onnx"
        return BUILT_IN if self.model == "da2-small" else FILES / f"{self.model}-generated.safetensors"

    def measure(self, arguments):
        command = ["--model", self.model, "--weights", self.weights(), "--size", self.size, "--views", self.views]
        command += ["--precision", self.precision, "--runs", arguments.runs, "--threads", arguments.threads]
        command += ["--channels-last"] * self.channels_last
        return json.loads(call(measurer(self.engine, *command)))


def measurer(*arguments):
    return [sys.executable, ROOT / "scripts/reference/measure.py", *arguments]


def call(command):
    command = [str(word) for word in command]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def competitors(plain):
    """Everything that is measured in every round, by a short name, in the order of a round."""
    listed = {}
    for model, size in (("da3-small", "504x336"), ("da3-base", "504x336"), ("da2-small", "518x518")):
        listed[model, 1, "f32"] = Fathom(model, size)
        # As the published programs run it, and in the layout that suits its convolutions better.
        listed[model, 1, "PyTorch f32"] = Reference("torch", model, size)
        listed[model, 1, "PyTorch f32, channels last"] = Reference("torch", model, size, channels_last=True)
        if plain:
            listed[model, 1, "plain"] = Fathom(model, size, plain=True)
        if model == "da2-small":
            listed[model, 1, "ONNX Runtime f32"] = Reference("onnx", model, size)
            continue
        listed[model, 1, "bf16"] = Fathom(model, size, precision="bf16")
        listed[model, 1, "PyTorch bf16"] = Reference("torch", model, size, precision="bf16")
        listed[model, 4, "f32"] = Fathom(model, size, views=4)
        listed[model, 4, "PyTorch f32"] = Reference("torch", model, size, views=4)
    return listed


def in_rounds(arguments, listed):
    """One list of figures per competitor, one entry per round."""
    found = {name: [] for name in listed}
    for turn in range(arguments.rounds):
        # Every second round goes backwards, so that nobody always follows the same neighbour.
        for name in list(listed)[:: -1 if turn % 2 else 1]:
            started = time.monotonic()
            found[name].append(listed[name].measure(arguments))
            model, views, what = name
            took = time.monotonic() - started
            secs = found[name][-1]["median_secs"]
            print(f"round {turn + 1}: {model}, {views} view(s), {what}: {secs:.3f} s ({took:.0f} s)", file=sys.stderr)
    return found


def median(figures, key="median_secs"):
    return statistics.median(entry[key] for entry in figures)


def ratio(above, below, scale=1.0):
    """The median of the ratios of the rounds, and the worst."""
    ratios = [scale * a["median_secs"] / b["median_secs"] for a, b in zip(above, below)]
    return statistics.median(ratios), max(ratios)


def table(header, rows):
    """Markdown; numbers stand to the right."""
    lines = ["| " + " | ".join(cells) + " |" for cells in [header, *rows]]
    sides = ["---:" if cell[0].isdigit() else "---" for cell in rows[0]]
    return "\n".join([lines[0], "|" + "|".join(sides) + "|", *lines[1:]])


def whole_networks(found):
    rows = []
    for (model, views, what), figures in found.items():
        all_runs = [secs for entry in figures for secs in entry["run_secs"]]
        p90 = sorted(all_runs)[-(-9 * len(all_runs) // 10) - 1] / statistics.median(all_runs)
        engine = figures[0]["engine"]
        name = f"{engine}, {figures[0]['precision']}"
        name += ", candle's operations" * (what == "plain") + ", channels last" * figures[0].get("channels_last", False)
        secs = median(figures)
        peak = f"{median(figures, 'peak_bytes') / 1e6:.0f}"
        size = f"{figures[0]['width']}×{figures[0]['height']}"
        rows.append([f"{model}, {views} × {size}", name, f"{secs:.3f}", f"{secs / views:.3f}", f"{p90:.2f}", peak])
    return table(["network", "program", "seconds", "per view", "p90 ÷ median", "peak MB"], rows)


def ratios(found):
    rows = []

    def row(words, above, below, scale=1.0):
        if above in found and below in found:
            middle, worst = ratio(found[above], found[below], scale)
            rows.append([words, f"{middle:.2f}", f"{worst:.2f}"])

    for model in dict.fromkeys(model for model, _, _ in found):
        alone = (model, 1, "f32")
        for other in ("PyTorch f32", "PyTorch f32, channels last", "ONNX Runtime f32"):
            row(f"{model}, Fathom f32 ÷ {other}", alone, (model, 1, other))
        row(f"{model}, Fathom bf16 ÷ PyTorch bf16", (model, 1, "bf16"), (model, 1, "PyTorch bf16"))
        row(f"{model}, Fathom bf16 ÷ Fathom f32", (model, 1, "bf16"), alone)
        row(f"{model}, Fathom f32 ÷ candle's operations", alone, (model, 1, "plain"))
        row(f"{model}, a view of four ÷ a view alone", (model, 4, "f32"), alone, 0.25)
        row(f"{model}, four views, Fathom f32 ÷ PyTorch f32", (model, 4, "f32"), (model, 4, "PyTorch f32"))
    return table(["ratio of times", "median", "worst round"], rows)


def stages(found):
    """Milliseconds of each stage, before ÷ after in brackets where both were measured."""
    rows = []
    for (model, views, what), figures in found.items():
        if "stage_secs" not in figures[0] or what == "plain":
            continue
        plain = found.get((model, views, "plain")) if what == "f32" else None

        def cell(stage):
            secs = statistics.median(entry["stage_secs"][stage] for entry in figures)
            if not plain or not secs:
                return f"{1e3 * secs:.1f}"
            before = statistics.median(entry["stage_secs"][stage] for entry in plain)
            return f"{1e3 * secs:.1f} ({before / secs:.1f}×)"

        rows.append([f"{model}, {views} view{'s' * (views > 1)}, {what}", *map(cell, STAGES)])
    return table(["milliseconds", *STAGES], rows)


def memory(arguments):
    """Peaks that need one round only."""
    jobs = [Fathom("da2-small", "518x518", 1, precision) for precision in precisions()]
    jobs += [Fathom("da3-base", "504x336", 1, precision) for precision in precisions()]
    jobs += [Fathom(model, "504x336", views) for model, views in (("da3-base", 8), ("da3-large", 1), ("da3-large", 4))]
    rows = []
    for job in jobs:
        figures = job.measure(argparse.Namespace(runs=2, threads=arguments.threads))
        words = f"{job.model}, {job.size}, {job.views} view{'s' * (job.views > 1)} in one pass, {job.precision}"
        rows.append([words, f"{figures['peak_bytes'] / 1e6:.0f}", f"{figures['median_secs']:.2f}"])
    photos = []
    for i in range(20):
        photos.append(FILES / f"photo_{i:02}.png")
        shutil.copy(photo(504, 336), photos[-1])
    weights = FILES / "da3-large-generated.safetensors"
    secs, peak = depth(arguments, "--model", "da3-large", "--weights", weights, "--views-per-pass", 4, *photos)
    rows.append(["da3-large, 504x336, 20 photos in passes of 4, files written", f"{peak / 1e6:.0f}", f"{secs:.2f}"])
    return table(["measured once", "peak MB", "seconds"], rows)


def bench_help():
    return " ".join(call([FATHOM, "bench", "--help"]).split())


def precisions():
    """What this Fathom knows beside `auto`."""
    return re.search(r"possible values: auto, (f32[^]]*)\]", bench_help())[1].split(", ")


def photo(width, height):
    """A drawn photo of this size."""
    folder = FILES / f"scene-{width}x{height}"
    if not folder.exists():
        call([FATHOM, "example", "--out", folder, "--views", 1, "--width", width, "--height", height])
    return folder / "view_00.png"


def depth(arguments, *words):
    """Seconds by the clock on the wall and peak bytes of a whole `fathom depth`."""
    command = [FATHOM, "depth", "--out", FILES / "out", "--overwrite", "--quiet", "--device", "cpu", *words]
    environment = os.environ | {"RAYON_NUM_THREADS": str(arguments.threads)}
    started = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    secs = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return secs, usage.ru_maxrss * 1024


def from_start(arguments):
    """The whole program on one photo against the network alone on the same number of pixels."""
    large = photo(1208, 680)
    network = Fathom("da2-small", "924x518")
    turns = [(depth(arguments, large)[0], network.measure(arguments)["median_secs"]) for _ in range(arguments.rounds)]
    whole, alone = (statistics.median(secs) for secs in zip(*turns))
    ratio = statistics.median(a / b for a, b in turns)
    return (
        f"From the start of `fathom depth` on a photo of 1208×680 to its end, all files written: {whole:.2f} s, "
        f"{ratio:.2f}× the network alone on the same 924×518 pixels ({alone:.2f} s)."
    )


def doubts(found):
    """Networks that do not agree are not worth comparing."""
    lines = []
    for (model, views, what), figures in found.items():
        expected = found[model, views, "f32"][0]["mean_depth"]
        off = abs(figures[0]["mean_depth"] / expected - 1)
        if off > (0.02 if "bf16" in what else 1e-3):
            lines.append(f"{model}, {views} views, {what}: mean depth differs by {100 * off:.2f} % from Fathom's f32")
    return lines


def main():
    arguments = parse()
    FILES.mkdir(parents=True, exist_ok=True)
    onnx = Reference("onnx", "da2-small", "518x518")
    if not onnx.weights().exists():
        files = ("--weights", BUILT_IN, "--to", onnx.weights())
        call(measurer("export", "--model", onnx.model, "--size", onnx.size, *files))
    plain = "--plain" in bench_help()
    started = time.monotonic()
    found = in_rounds(arguments, competitors(plain))
    machine = next(iter(found.values()))[0]["machine"]
    engines = sorted({figures[0]["engine"] for figures in found.values()})
    text = "\n\n".join(
        [
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; {arguments.threads} threads; "
            f"{', '.join(engines)}. Medians of {arguments.rounds} rounds in which every program was measured once, "
            f"{arguments.runs} runs each; all in one call of `scripts/performance.sh`. Same weights, same images.",
            whole_networks(found),
            ratios(found),
            "Stages, all views together; in brackets how many times longer candle's own operations take."
            if plain
            else "Stages, all views together.",
            stages(found),
            memory(arguments),
            from_start(arguments),
        ]
    )
    before, rest = arguments.out.read_text().split(BEGIN)
    after = rest.split(END)[1]
    arguments.out.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
    minutes = (time.monotonic() - started) / 60
    print(f"{arguments.out} is written after {minutes:.0f} min", file=sys.stderr)
    wrong = doubts(found)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
