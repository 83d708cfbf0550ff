"""XFeat and LighterGlue in NumPy, as docs/cameras.md describes them: slow, plain, and independent of Fathom's own code.

Maps are [channels, height, width]. Positions are whole numbers at pixel centres, (x, y)."""

import numpy

THRESHOLD = 0.05
LEAST_PROBABILITY = 0.1
# Of having a match; points below are given up.
HOPELESS = 0.05
LAYERS = 6
WIDTH = 96


def read(path):
    """The tensors of a safetensors file, in single precision."""
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        return {name: file.get_tensor(name).astype(numpy.float32) for name in file.keys()}


def convolve(x, weight, stride=1):
    """A convolution without bias; 3×3 has a border of one zero."""
    outputs, inputs, side, _ = weight.shape
    if side == 1:
        return numpy.tensordot(weight[:, :, 0, 0], x, 1)
    padded = numpy.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::stride, ::stride]
    rows = windows.transpose(1, 2, 0, 3, 4).reshape(-1, inputs * 9)
    height, width = windows.shape[1:3]
    return (rows @ weight.reshape(outputs, -1).T).T.reshape(outputs, height, width)


def neighbours(old, new):
    """Where places of a resized line lie in the old one, centres of pixels on halves: the place before, after, and a share."""
    at = (numpy.arange(new, dtype=numpy.float32) + numpy.float32(0.5)) * numpy.float32(old / new) - numpy.float32(0.5)
    at = numpy.maximum(at, 0)
    before = numpy.minimum(at.astype(int), old - 1)
    return before, numpy.minimum(before + 1, old - 1), (at - before).astype(numpy.float32)


def resize(x, height, width):
    """Bilinear, without averaging."""
    above, below, down = neighbours(x.shape[1], height)
    left, right, across = neighbours(x.shape[2], width)
    rows = x[:, above] * (1 - down)[:, None] + x[:, below] * down[:, None]
    return rows[:, :, left] * (1 - across) + rows[:, :, right] * across


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


class XFeat:
    def __init__(self, weights):
        self.weights = weights

    def block(self, x, name, stride=1):
        w = self.weights
        mean, variance = w[f"{name}.layer.1.running_mean"], w[f"{name}.layer.1.running_var"]
        y = convolve(x, w[f"{name}.layer.0.weight"], stride)
        y = (y - mean[:, None, None]) / numpy.sqrt(variance + 1e-5)[:, None, None]
        return numpy.maximum(y, 0)

    def blocks(self, x, name, strides):
        for i, stride in enumerate(strides):
            x = self.block(x, f"{name}.{i}", stride)
        return x

    def plain(self, x, name):
        return convolve(x, self.weights[f"{name}.weight"]) + self.weights[f"{name}.bias"][:, None, None]

    def stages(self, image):
        """Every map on the way, by its name. `image`: [height, width, 3], of any range."""
        height, width = (side // 32 * 32 for side in image.shape[:2])
        planes = resize(image.astype(numpy.float32).transpose(2, 0, 1), height, width)
        grey = planes.mean(0, keepdims=True)
        normed = (grey - grey.mean()) / numpy.sqrt(grey.var() + 1e-5)
        found = {"resized_grey": grey[0], "normed_grey": normed[0]}
        pooled = normed.reshape(1, height // 4, 4, width // 4, 4).mean((2, 4))
        found["skip1"] = self.plain(pooled, "skip1.1")
        found["block1"] = self.blocks(normed, "block1", (1, 2, 1, 2))
        found["block2"] = self.blocks(found["block1"] + found["skip1"], "block2", (1, 1))
        found["block3"] = self.blocks(found["block2"], "block3", (2, 1, 1))
        found["block4"] = self.blocks(found["block3"], "block4", (2, 1, 1))
        found["block5"] = self.blocks(found["block4"], "block5", (2, 1, 1, 1))
        size = found["block3"].shape[1:]
        sum_of_scales = found["block3"] + resize(found["block4"], *size) + resize(found["block5"], *size)
        found["features"] = self.plain(self.blocks(sum_of_scales, "block_fusion", (1, 1)), "block_fusion.2")
        reliable = self.blocks(found["features"], "heatmap_head", (1, 1))
        found["reliability"] = sigmoid(self.plain(reliable, "heatmap_head.2"))[0]
        cells = normed[0].reshape(height // 8, 8, width // 8, 8).transpose(1, 3, 0, 2).reshape(64, *size)
        found["keypoint_logits"] = self.plain(self.blocks(cells, "keypoint_head", (1, 1, 1)), "keypoint_head.3")
        found["heatmap"] = heat_map(found["keypoint_logits"])
        return found

    def features(self, image, top_k, scaled=True):
        """Keypoints (x, y), scores and descriptors, best first; in pixels of the image, or of what the network saw."""
        found = self.stages(image)
        keypoints, scores = best(found["heatmap"], found["reliability"], top_k)
        described = describe(found["features"], keypoints, found["heatmap"].shape)
        if scaled:
            keypoints = keypoints * numpy.float32([image.shape[1], image.shape[0]]) / numpy.float32(
                found["heatmap"].shape[::-1]
            )
        return keypoints, scores, described, found


def heat_map(logits):
    shares = numpy.exp(logits - logits.max(0))
    shares = (shares / shares.sum(0))[:64]
    _, rows, columns = shares.shape
    return shares.reshape(8, 8, rows, columns).transpose(2, 0, 3, 1).reshape(8 * rows, 8 * columns)


def places(at, size, cells):
    """Positions on a picture to positions on a map of its cells: two conventions are mixed, as the authors do."""
    return at / numpy.float32(size - 1) * numpy.float32(cells) - numpy.float32(0.5)


def gather(maps, y, x):
    """Numbers of maps [channels, h, w] at whole places, zero outside: [places, channels]."""
    height, width = maps.shape[1:]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    values = maps[:, numpy.clip(y, 0, height - 1), numpy.clip(x, 0, width - 1)]
    return (values * inside).T


def sample(maps, keypoints, shape, kernel):
    """`kernel` gives the weights of the places floor − r … from the share that a position lies beyond its floor."""
    x = places(keypoints[:, 0], shape[1], maps.shape[2])
    y = places(keypoints[:, 1], shape[0], maps.shape[1])
    left, top = numpy.floor(x), numpy.floor(y)
    across, down = kernel(x - left), kernel(y - top)
    first = 1 - len(across) // 2
    total = 0
    for j, row in enumerate(down):
        for i, column in enumerate(across):
            values = gather(maps, top.astype(int) + first + j, left.astype(int) + first + i)
            total = total + values * (row * column)[:, None]
    return total


def linear_kernel(t):
    return [1 - t, t]


def cubic_kernel(t, a=-0.75):
    near = lambda d: ((a + 2) * d - (a + 3)) * d * d + 1
    far = lambda d: ((d - 5) * d + 8) * d * a - 4 * a
    return [far(1 + t), near(t), near(1 - t), far(2 - t)]


def best(heat, reliability, top_k):
    windows = numpy.lib.stride_tricks.sliding_window_view(numpy.pad(heat, 2, constant_values=-numpy.inf), (5, 5))
    y, x = numpy.nonzero((heat == windows.max((2, 3))) & (heat > THRESHOLD))
    keypoints = numpy.stack([x, y], 1).astype(numpy.float32)
    scores = heat[y, x] * sample(reliability[None], keypoints, heat.shape, linear_kernel)[:, 0]
    scores[(x == 0) & (y == 0)] = -1
    order = numpy.argsort(-scores, kind="stable")[:top_k]
    order = order[scores[order] > 0]
    return keypoints[order], scores[order]


def refined(heat, peaks, reach=2):
    """The mean of the places around each peak (x, y), each counted by its heat; there is none outside."""
    y, x = peaks[:, 1].astype(int) + reach, peaks[:, 0].astype(int) + reach
    padded = numpy.pad(heat, reach)
    total, sums = 0, 0
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            share = padded[y + down, x + across]
            total = total + share
            sums = sums + share[:, None] * numpy.float32([across, down])
    return peaks + sums / total[:, None]


def unit(x, axis):
    return x / numpy.maximum(numpy.linalg.norm(x, axis=axis, keepdims=True), 1e-12)


def describe(features, keypoints, shape):
    return unit(sample(unit(features, 0), keypoints, shape, cubic_kernel), 1)


def mutual(a, b, least_cosine=None):
    """Pairs of descriptors of which each is the other's nearest."""
    cosines = a @ b.T
    of_a, of_b = cosines.argmax(1), cosines.argmax(0)
    index = numpy.arange(len(a))
    keep = of_b[of_a] == index
    if least_cosine is not None:
        keep &= cosines.max(1) > least_cosine
    return numpy.stack([index[keep], of_a[keep]], 1)


def softmax(x):
    x = numpy.exp(x - x.max(1, keepdims=True))
    return x / x.sum(1, keepdims=True)


def log_softmax(x, axis):
    x = x - x.max(axis, keepdims=True)
    return x - numpy.log(numpy.exp(x).sum(axis, keepdims=True))


def gelu(x):
    # Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
    magnitude = numpy.abs(x) / numpy.sqrt(numpy.float32(2))
    t = 1 / (1 + numpy.float32(0.3275911) * magnitude)
    p = numpy.zeros_like(t)
    for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        p = (p + numpy.float32(a)) * t
    tail = p * numpy.exp(-magnitude * magnitude) / 2
    return numpy.maximum(x, 0) - numpy.abs(x) * tail


class LighterGlue:
    def __init__(self, weights):
        self.weights = {name.removeprefix("matcher."): values for name, values in weights.items()}

    def linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def fed(self, x, message, name):
        y = self.linear(numpy.concatenate([x, message], 1), f"{name}.0")
        y = y - y.mean(1, keepdims=True)
        y = y / numpy.sqrt((y * y).mean(1, keepdims=True) + 1e-5)
        y = y * self.weights[f"{name}.1.weight"] + self.weights[f"{name}.1.bias"]
        return x + self.linear(gelu(y), f"{name}.3")

    def rotary(self, keypoints, size):
        """Cosines and sines [points, 96]."""
        size = numpy.float32(size)
        at = (keypoints - size / 2) / (size.max() / 2)
        angles = numpy.repeat(at @ self.weights["posenc.Wr.weight"].T, 2, 1)
        return numpy.cos(angles), numpy.sin(angles)

    def looked_at_itself(self, x, rotary, name):
        q, k, v = self.linear(x, f"{name}.Wqkv").reshape(len(x), WIDTH, 3).transpose(2, 0, 1)
        scores = turned(q, *rotary) @ turned(k, *rotary).T / numpy.sqrt(numpy.float32(WIDTH))
        message = self.linear(softmax(scores) @ v, f"{name}.out_proj")
        return self.fed(x, message, f"{name}.ffn")

    def looked_at_each_other(self, a, b, name):
        scores = self.linear(a, f"{name}.to_qk") @ self.linear(b, f"{name}.to_qk").T / numpy.sqrt(numpy.float32(WIDTH))
        to_a = softmax(scores) @ self.linear(b, f"{name}.to_v")
        to_b = softmax(scores.T) @ self.linear(a, f"{name}.to_v")
        new = [self.fed(x, self.linear(m, f"{name}.to_out"), f"{name}.ffn") for x, m in ((a, to_a), (b, to_b))]
        return tuple(new)

    def run(self, a, b, gives_up=False):
        """a, b: (keypoints, descriptors, (width, height)). Every stage by its name, log P among them; `kept` says which points
        its rows and columns are. `gives_up`: points that are unlikely to have a match leave after each layer."""
        found = {}
        kept = [numpy.arange(len(keypoints)) for keypoints, _, _ in (a, b)]
        rotary = [numpy.stack(self.rotary(keypoints, size)) for keypoints, _, size in (a, b)]
        x = [self.linear(descriptors, "input_proj") for _, descriptors, _ in (a, b)]
        found |= {"input_proj_a": x[0], "rotary_a": rotary[0]}
        for i in range(LAYERS):
            name = f"transformers.{i}"
            x = [self.looked_at_itself(x, rotary, f"{name}.self_attn") for x, rotary in zip(x, rotary)]
            x = self.looked_at_each_other(*x, f"{name}.cross_attn")
            found |= {f"layer{i}.a": x[0], f"layer{i}.b": x[1]}
            logits = [self.linear(x, f"log_assignment.{i}.matchability")[:, 0] for x in x]
            if gives_up and i + 1 < LAYERS:
                hopeful = [sigmoid(logits) > HOPELESS for logits in logits]
                x = [x[keep] for x, keep in zip(x, hopeful)]
                rotary = [rotary[:, keep] for rotary, keep in zip(rotary, hopeful)]
                kept = [kept[keep] for kept, keep in zip(kept, hopeful)]
        last = f"log_assignment.{LAYERS - 1}"
        projected = [self.linear(x, f"{last}.final_proj") / numpy.float32(WIDTH**0.25) for x in x]
        scores = projected[0] @ projected[1].T
        both = log_softmax(scores, 1) + log_softmax(scores, 0)
        matchable = [-numpy.logaddexp(0, -logits) for logits in logits]
        found["matchability_a"] = sigmoid(logits[0])
        found["log_assignment"] = both + matchable[0][:, None] + matchable[1][None, :]
        return found | {"kept": kept}


def turned(x, cosine, sine):
    other = numpy.empty_like(x)
    other[:, ::2], other[:, 1::2] = -x[:, 1::2], x[:, ::2]
    return x * cosine + other * sine


def assigned(found):
    """Pairs that are each other's best in what `LighterGlue.run` found, and their probabilities."""
    log_assignment, kept = found["log_assignment"], found["kept"]
    pairs = mutual_maxima(log_assignment)
    probabilities = numpy.exp(log_assignment[pairs[:, 0], pairs[:, 1]])
    likely = probabilities > LEAST_PROBABILITY
    pairs = numpy.stack([kept[0][pairs[:, 0]], kept[1][pairs[:, 1]]], 1)
    return pairs[likely], probabilities[likely]


def mutual_maxima(scores):
    of_a, of_b = scores.argmax(1), scores.argmax(0)
    index = numpy.arange(len(scores))
    keep = of_b[of_a] == index
    return numpy.stack([index[keep], of_a[keep]], 1)
