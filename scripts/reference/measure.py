#!/usr/bin/env python3
"""Times a reference network and prints the figures as JSON.

measure.py torch --model da3-base --weights FILE --size 504x336 --views 1 --precision f32
measure.py export --model da2-small --weights FILE --size 518x518 --to FILE.onnx
measure.py onnx --weights FILE.onnx --size 518x518
"""

import argparse
import json
import math
import statistics
import time


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=("torch", "onnx", "export"))
    parser.add_argument("--model", default="da2-small")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--size", default="504x336", help="width x height")
    parser.add_argument("--views", type=int, default=1)
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--channels-last", action="store_true", help="the layout that convolutions like best")
    parser.add_argument("--runs", type=int, default=3, help="runs that count; one more goes before them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--to", help="where an export goes")
    arguments = parser.parse_args()
    arguments.width, arguments.height = map(int, arguments.size.split("x"))
    return arguments


def images(arguments):
    """The same waves that `fathom bench` looks at."""
    import numpy

    x = numpy.arange(arguments.width, dtype=numpy.float32)
    y = numpy.arange(arguments.height, dtype=numpy.float32)[:, None]
    planes = numpy.arange(3 * arguments.views, dtype=numpy.float32)[:, None, None]
    waves = numpy.sin(x / 23 + planes) + numpy.cos(y / 17 - planes)
    return numpy.ascontiguousarray(waves.reshape(arguments.views, 3, arguments.height, arguments.width))


def peak_bytes():
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


def torch_network(arguments):
    import network
    import torch

    torch.set_num_threads(arguments.threads)
    loaded = network.load(arguments.model, arguments.weights)
    if arguments.precision == "bf16":
        # Heads and cameras stay in single precision, as in Fathom.
        backbone = loaded.backbone if arguments.model in network.ANY_VIEW else loaded.pretrained
        backbone.bfloat16()
    if arguments.channels_last:
        head = loaded.head if arguments.model in network.ANY_VIEW else loaded.depth_head
        head.to(memory_format=torch.channels_last)
    return loaded


def torch_runner(arguments):
    import torch

    loaded = torch_network(arguments)
    batch = torch.from_numpy(images(arguments))

    def run():
        with torch.inference_mode():
            result = loaded(batch)
        return (result if torch.is_tensor(result) else result[0]).numpy()

    return f"PyTorch {torch.__version__.split('+')[0]}", run


def onnx_runner(arguments):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.weights, options, providers=["CPUExecutionProvider"])
    batch = {session.get_inputs()[0].name: images(arguments)}
    return f"ONNX Runtime {onnxruntime.__version__}", lambda: session.run(None, batch)[0]


def export(arguments):
    import torch

    loaded = torch_network(arguments)
    batch = torch.from_numpy(images(arguments))
    torch.onnx.export(loaded, (batch,), arguments.to, dynamo=True, optimize=True, external_data=False, verbose=False)


def main():
    arguments = parse()
    if arguments.engine == "export":
        return export(arguments)
    started = time.perf_counter()
    engine, run = (torch_runner if arguments.engine == "torch" else onnx_runner)(arguments)
    load_secs = time.perf_counter() - started
    secs = []
    for _ in range(arguments.runs + 1):
        started = time.perf_counter()
        depth = run()
        secs.append(time.perf_counter() - started)
    first_secs, *secs = secs
    figures = {
        "engine": engine,
        "model": arguments.model,
        "width": arguments.width,
        "height": arguments.height,
        "views": arguments.views,
        "precision": arguments.precision,
        "channels_last": arguments.channels_last,
        "threads": arguments.threads,
        "load_secs": load_secs,
        "first_secs": first_secs,
        "median_secs": statistics.median(secs),
        "p90_secs": sorted(secs)[math.ceil(0.9 * len(secs)) - 1],
        "min_secs": min(secs),
        "run_secs": secs,
        "peak_bytes": peak_bytes(),
        "mean_depth": float(depth.astype("float64").mean()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
