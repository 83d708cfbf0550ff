"""The networks in plain PyTorch, to be measured beside Fathom: same layers, same weight files, as fast as eager PyTorch
allows. Depth, confidence and cameras; no rays, no known poses, the first view is the reference."""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import nn

# name: blocks, width, heads, out layers, first joint block, head features, head projections
ANY_VIEW = {
    "da3-small": (12, 384, 6, (5, 7, 9, 11), 4, 64, (48, 96, 192, 384)),
    "da3-base": (12, 768, 12, (5, 7, 9, 11), 4, 128, (96, 192, 384, 768)),
    "da3-large": (24, 1024, 16, (11, 15, 19, 23), 8, 256, (256, 512, 1024, 1024)),
}
SINGLE = {"da2-small": (12, 384, 6, (2, 5, 8, 11), None, 64, (48, 96, 192, 384))}
PATCH = 14
# Views that the head draws together; more would cost memory and save no time.
HEAD_VIEWS = 8


class Attention(nn.Module):
    def __init__(self, width, heads, joint):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        norm = (lambda: nn.LayerNorm(width // heads)) if joint else nn.Identity
        self.q_norm, self.k_norm = norm(), norm()

    def forward(self, x, rope):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k = self.q_norm(q), self.k_norm(k)
        if rope is not None:
            q, k = rotate(q, *rope), rotate(k, *rope)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class LayerScale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(width))

    def forward(self, x):
        return x * self.gamma


class Block(nn.Module):
    def __init__(self, width, heads, joint):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, joint)
        self.ls1 = LayerScale(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width)
        self.ls2 = LayerScale(width)

    def forward(self, x, rope):
        x = x + self.ls1(self.attn(self.norm1(x), rope))
        return x + self.ls2(self.mlp(self.norm2(x)))


def rotate(x, cos, sin):
    a, b = x.unflatten(-1, (2, 2, 16)).unbind(-2)
    turned = torch.stack((-b, a), -2).flatten(-3)
    return x * cos + turned * sin


@lru_cache
def rope_tables(h, w, views, dtype):
    """cos and sin [tokens, 64] of local blocks, and of global blocks over all views."""

    def tables(positions):
        angles = positions[:, :, None] * 100.0 ** (-torch.arange(16) / 16)
        angles = torch.cat((angles, angles), -1).flatten(1)
        return angles.cos().to(dtype), angles.sin().to(dtype)

    rows, columns = torch.meshgrid(torch.arange(1, h + 1), torch.arange(1, w + 1), indexing="ij")
    special = torch.zeros(1, 2)
    local = torch.cat((special, torch.stack((rows, columns), -1).view(-1, 2).float()))
    joint = torch.cat((special, torch.ones(h * w, 2))).repeat(views, 1)
    return tables(local), tables(joint)


class PatchEmbed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH, PATCH)


class Backbone(nn.Module):
    def __init__(self, blocks, width, heads, out_layers, joint_start):
        super().__init__()
        self.out_layers, self.joint_start = out_layers, joint_start
        self.patch_embed = PatchEmbed(width)
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, 1370, width))
        if joint_start is not None:
            self.camera_token = nn.Parameter(torch.empty(1, 2, width))
        joint = [joint_start is not None and i >= joint_start for i in range(blocks)]
        self.blocks = nn.ModuleList(Block(width, heads, j) for j in joint)
        self.norm = nn.LayerNorm(width, eps=1e-6 if joint_start is None else 1e-5)
        self.positions = {}

    def interpolated(self, h, w):
        if (h, w) == (37, 37):
            return self.pos_embed
        if (h, w) not in self.positions:
            grid = self.pos_embed[:, 1:].float().view(1, 37, 37, -1).permute(0, 3, 1, 2)
            # The scale decides, not the size: both are a tenth of a patch apart.
            scale = ((h + 0.1) / 37, (w + 0.1) / 37)
            grid = F.interpolate(grid, scale_factor=scale, mode="bicubic").permute(0, 2, 3, 1).flatten(1, 2)
            self.positions[h, w] = torch.cat((self.pos_embed[:, :1], grid.to(self.pos_embed.dtype)), 1)
        return self.positions[h, w]

    def forward(self, images):
        views, _, height, width = images.shape
        h, w = height // PATCH, width // PATCH
        x = self.patch_embed.proj(images).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(views, -1, -1), x), 1) + self.interpolated(h, w)
        joint = self.joint_start
        local_rope, global_rope = (None, None) if joint is None else rope_tables(h, w, views, x.dtype)
        local, features, camera = x, [], None
        for i, block in enumerate(self.blocks):
            if i == joint:
                first, others = self.camera_token[:, :1], self.camera_token[:, 1:].expand(views - 1, -1, -1)
                x = torch.cat((torch.cat((first, others)), x[:, 1:]), 1)
            if joint is not None and i >= joint and i % 2:
                x = block(x.flatten(0, 1)[None], global_rope).view_as(x)
            else:
                x = block(x, local_rope if joint is not None and i >= joint else None)
                local = x
            if i in self.out_layers:
                normed = self.norm(x)[:, 1:]
                features.append(normed if joint is None else torch.cat((local[:, 1:], normed), 2))
                camera = torch.cat((local[:, 0], x[:, 0]), 1)
        return features, camera


class Residual(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.conv1 = nn.Conv2d(features, features, 3, padding=1)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(F.relu(x)), inplace=True))


class Fusion(nn.Module):
    def __init__(self, features, lateral):
        super().__init__()
        if lateral:
            self.resConfUnit1 = Residual(features)
        self.resConfUnit2 = Residual(features)
        self.out_conv = nn.Conv2d(features, features, 1)

    def forward(self, top, level, size):
        x = level if top is None else top + self.resConfUnit1(level)
        # The 1×1 convolution commutes with the resize and is cheaper before it.
        return resize(self.out_conv(self.resConfUnit2(x)), size)


def resize(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=True)


@lru_cache
def uv_embedding(channels, h, w, aspect):
    diagonal = math.hypot(aspect, 1.0)
    omega = 100.0 ** (-torch.arange(channels // 4) / (channels // 4))

    def waves(count, span):
        end = span * (count - 1) / count
        angles = omega[:, None] * torch.linspace(-end, end, count)
        return torch.cat((angles.sin(), angles.cos()))

    x = waves(w, aspect / diagonal)[:, None, :].expand(-1, h, -1)
    y = waves(h, 1.0 / diagonal)[:, :, None].expand(-1, -1, w)
    return 0.1 * torch.cat((x, y))[None]


class Scratch(nn.Module):
    def __init__(self, features, projections, outputs):
        super().__init__()
        for i, width in enumerate(projections, 1):
            setattr(self, f"layer{i}_rn", nn.Conv2d(width, features, 3, padding=1, bias=False))
            setattr(self, f"refinenet{i}", Fusion(features, lateral=i < 4))
        self.output_conv1 = nn.Conv2d(features, features // 2, 3, padding=1)
        last = nn.Conv2d(features // 2, 32, 3, padding=1)
        self.output_conv2 = nn.Sequential(last, nn.ReLU(inplace=True), nn.Conv2d(32, outputs, 1))


class Head(nn.Module):
    def __init__(self, width, features, projections, dual):
        super().__init__()
        self.dual = dual
        self.norm = nn.LayerNorm(width) if dual else nn.Identity()
        self.projects = nn.ModuleList(nn.Conv2d(width, o, 1) for o in projections)
        o0, o1, _, o3 = projections
        up = (nn.ConvTranspose2d(o0, o0, 4, 4), nn.ConvTranspose2d(o1, o1, 2, 2))
        self.resize_layers = nn.ModuleList((*up, nn.Identity(), nn.Conv2d(o3, o3, 3, 2, 1)))
        self.scratch = Scratch(features, projections, 2 if dual else 1)

    def placed(self, x, aspect):
        return x + uv_embedding(x.shape[1], *x.shape[2:], aspect) if self.dual else x

    def forward(self, features, height, width):
        h, w, aspect, scratch = height // PATCH, width // PATCH, width / height, self.scratch
        levels = []
        for i, tokens in enumerate(features):
            x = self.norm(tokens).transpose(1, 2).unflatten(2, (h, w))
            x = self.resize_layers[i](self.placed(self.projects[i](x), aspect))
            levels.append(getattr(scratch, f"layer{i + 1}_rn")(x))
        x = None
        for i in (3, 2, 1, 0):
            size = levels[i - 1].shape[2:] if i else [2 * side for side in levels[0].shape[2:]]
            x = getattr(scratch, f"refinenet{i + 1}")(x, levels[i], tuple(size))
        x = self.placed(resize(scratch.output_conv1(x), (height, width)), aspect)
        return scratch.output_conv2(x)


class CameraDecoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        relu = nn.ReLU(inplace=True)
        self.backbone = nn.Sequential(nn.Linear(width, width), relu, nn.Linear(width, width), relu)
        self.fc_t = nn.Linear(width, 3)
        self.fc_qvec = nn.Linear(width, 4)
        self.fc_fov = nn.Sequential(nn.Linear(width, 2), nn.ReLU())

    def forward(self, tokens):
        x = self.backbone(tokens)
        return torch.cat((self.fc_t(x), self.fc_qvec(x), self.fc_fov(x)), 1)


class AnyView(nn.Module):
    """Images [S, 3, H, W] → depth [S, H, W], confidence, camera encodings [S, 9]. The backbone may be half precision."""

    def __init__(self, blocks, width, heads, out_layers, joint_start, features, projections):
        super().__init__()
        self.backbone = nn.ModuleDict({"pretrained": Backbone(blocks, width, heads, out_layers, joint_start)})
        self.head = Head(2 * width, features, projections, dual=True)
        self.cam_dec = CameraDecoder(2 * width)

    def forward(self, images):
        backbone = self.backbone["pretrained"]
        features, camera = backbone(images.to(backbone.cls_token.dtype))
        cameras = self.cam_dec(camera.float())
        depth, confidence = [], []
        for some in zip(*(level.split(HEAD_VIEWS) for level in features)):
            logits = self.head([level.float() for level in some], *images.shape[2:])
            depth.append(logits[:, 0].exp())
            confidence.append(logits[:, 1].exp() + 1.0)
        return torch.cat(depth), torch.cat(confidence), cameras


class Single(nn.Module):
    """Depth Anything V2: images [S, 3, H, W] → disparity [S, H, W]."""

    def __init__(self, blocks, width, heads, out_layers, joint_start, features, projections):
        super().__init__()
        self.pretrained = Backbone(blocks, width, heads, out_layers, joint_start)
        self.depth_head = Head(width, features, projections, dual=False)

    def forward(self, images):
        features, _ = self.pretrained(images.to(self.pretrained.cls_token.dtype))
        return F.relu(self.depth_head([level.float() for level in features], *images.shape[2:]))[:, 0]


def load(name, weights):
    """A network with the weights of a safetensors file, in single precision."""
    from safetensors.torch import load_file

    any_view = name in ANY_VIEW
    with torch.device("meta"):
        network = AnyView(*ANY_VIEW[name]) if any_view else Single(*SINGLE[name])
    stored = load_file(weights)
    prefix = "model." if any_view else ""
    # The file has more than is needed: rays, known poses.
    state = {key: stored[prefix + key].float() for key in network.state_dict()}
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)
