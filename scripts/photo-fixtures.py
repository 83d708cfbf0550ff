#!/usr/bin/env python3
"""Makes the small photo files in tests/fixtures/photos. Needs pillow, pillow-heif,
pillow-jxl-plugin, imagecodecs, tifffile and numpy.

    scripts/photo-fixtures.py tests/fixtures/photos

Each shows four quarters: red and green above, blue and yellow below. HEIC and AVIF containers are written here, around
pictures that encoders made, because no encoder writes all that cameras do (tiles, turns, crops, several pictures).
"""
import io
import struct
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401
import tifffile
from PIL import Image

QUARTERS = [[(220, 40, 40), (40, 200, 60)], [(50, 60, 210), (230, 220, 60)]]


def quarters(width=64, height=64):
    """The picture, as an array."""
    out = np.zeros((height, width, 3), np.uint8)
    for row in range(2):
        for column in range(2):
            part = np.s_[row * height // 2:(row + 1) * height // 2, column * width // 2:(column + 1) * width // 2]
            out[part] = QUARTERS[row][column]
    return out


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def find_box(data, kind):
    at = data.index(kind)
    return data[at - 4:at - 4 + struct.unpack(">I", data[at - 4:at])[0]]


def coded(data, config):
    """Configuration box and coded picture of a file with a single one."""
    return find_box(data, config), find_box(data, b"mdat")[8:]


def hevc(array, depth=8):
    if depth == 8:
        image = pillow_heif.from_bytes("RGB", array.shape[1::-1], array.tobytes())
    else:
        wide = (array.astype(np.uint16) << 8) | array
        image = pillow_heif.from_bytes("RGB;16", array.shape[1::-1], wide.tobytes())
    out = io.BytesIO()
    image.save(out, quality=70, format="HEIF")
    return coded(out.getvalue(), b"hvcC")


def hevc_grey(array):
    """A plane alone, as exact as the encoder makes it."""
    out = io.BytesIO()
    pillow_heif.from_bytes("L", array.shape[::-1], array.tobytes()).save(out, quality=-1, format="HEIF")
    return coded(out.getvalue(), b"hvcC")


def av1_grey(array):
    return coded(imagecodecs.avif_encode(array, level=100, bitspersample=8), b"av1C")


def av1(array, depth=8, **options):
    if depth > 8:
        array = (array.astype(np.uint32) * ((1 << depth) - 1) // 255).astype(np.uint16)
        data = imagecodecs.avif_encode(array, level=80, bitspersample=depth, **options)
    else:
        out = io.BytesIO()
        Image.fromarray(array).save(out, "AVIF", quality=80, **options)
        data = out.getvalue()
    return coded(data, b"av1C")


def ispe(width, height):
    return full(b"ispe", 0, 0, struct.pack(">II", width, height))


def irot(quarter_turns):
    return box(b"irot", bytes([quarter_turns]))


def imir(axis):
    return box(b"imir", bytes([axis]))


def clap(width, height, x=0, y=0):
    return box(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, x, 1, y, 1))


def nclx(primaries, transfer, matrix, is_full):
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, matrix, is_full << 7))


def exif(orientation, focal_35):
    """An EXIF block, with the offset to its TIFF header that HEIF puts in front."""
    tiff = struct.pack("<2sHI", b"II", 42, 8)
    tiff += struct.pack("<H", 2) + struct.pack("<HHIHH", 0x112, 3, 1, orientation, 0)
    tiff += struct.pack("<HHII", 0x8769, 4, 1, 38) + struct.pack("<I", 0)
    tiff += struct.pack("<H", 1) + struct.pack("<HHIHH", 0xA405, 3, 1, focal_35, 0) + struct.pack("<I", 0)
    return struct.pack(">I", 0) + tiff


def container(brands, items, primary, references=()):
    """items: (id, kind, data, properties); references: (kind, from, to)."""
    properties, associations = [], []
    for number, _, _, own in items:
        indices = []
        for wanted in own:
            if wanted not in properties:
                properties.append(wanted)
            essential = wanted[4:8] in (b"hvcC", b"av1C", b"irot", b"imir", b"clap")
            indices.append(essential << 7 | properties.index(wanted) + 1)
        associations.append(struct.pack(">HB", number, len(indices)) + bytes(indices))
    infos = [full(b"infe", 2, 0, struct.pack(">HH4s", number, 0, kind), b"\0") for number, kind, _, _ in items]
    links = [box(kind, struct.pack(">HH", start, len(to)), *(struct.pack(">H", n) for n in to))
             for kind, start, to in references]

    def meta(offset):
        places, at = [], offset
        for number, _, data, _ in items:
            places.append(struct.pack(">HHHII", number, 0, 1, at, len(data)))
            at += len(data)
        return full(
            b"meta", 0, 0,
            full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"pict"), b"\0"),
            full(b"pitm", 0, 0, struct.pack(">H", primary)),
            full(b"iloc", 0, 0, struct.pack(">BBH", 0x44, 0, len(places)), *places),
            full(b"iinf", 0, 0, struct.pack(">H", len(infos)), *infos),
            full(b"iref", 0, 0, *links) if links else b"",
            box(b"iprp", box(b"ipco", *properties),
                full(b"ipma", 0, 0, struct.pack(">I", len(associations)), *associations)),
        )

    start = box(b"ftyp", brands[0], struct.pack(">I", 0), *brands)
    head = len(start) + len(meta(0)) + 8
    return start + meta(head) + box(b"mdat", *(data for _, _, data, _ in items))


def grid(rows, columns, width, height):
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)


def heif_files(kind, brands, encode):
    picture = quarters()
    config, data = encode(picture)
    size = ispe(64, 64)
    plain = (1, kind, data, [config, size])
    yield "turned", container(brands, [(1, kind, data, [config, size, irot(1)]), (2, b"Exif", exif(6, 28), [])], 1,
                              [(b"cdsc", 2, [1])])
    tiles = [encode(np.ascontiguousarray(quarters(128, 64)[:, at:at + 64])) for at in (0, 64)]
    parts = [(n + 1, kind, data, [config, size]) for n, (config, data) in enumerate(tiles)]
    whole = (9, b"grid", grid(1, 2, 120, 64), [ispe(120, 64), clap(112, 48), imir(0)])
    yield "tiles", container(brands, [*parts, whole], 9, [(b"dimg", 9, [1, 2])])
    other = encode(np.full((64, 64, 3), 128, np.uint8))
    yield "second", container([b"mif1", *brands[:1]], [(1, kind, other[1], [other[0], size]), (2, *plain[1:])], 2)


def p3(array):
    """Display P3 values that look like these of sRGB, rounded."""
    linear = np.where(array <= 10.31475, array / 255 / 12.92, ((array / 255 + 0.055) / 1.055) ** 2.4)
    to_p3 = np.array([[0.8224620, 0.1775380, 0], [0.0331942, 0.9668058, 0], [0.0170826, 0.0723974, 0.9105199]])
    linear = linear @ to_p3.T
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * curve).astype(np.uint8)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    size = ispe(64, 64)

    def write(name, data):
        assert len(data) < 20_000, name
        (folder / name).write_bytes(data)
        print(name, len(data))

    for ending, kind, brands, encode in [
        ("heic", b"hvc1", [b"heic", b"mif1"], hevc),
        ("avif", b"av01", [b"avif", b"mif1", b"miaf"], av1),
    ]:
        for name, data in heif_files(kind, brands, encode):
            write(f"{name}.{ending}", data)
        config, data = encode(quarters(), 10)
        write(f"ten_bits.{ending}", container(brands, [(1, kind, data, [config, size])], 1))
        config, data = encode(p3(quarters().astype(float)))
        # Encoders write BT.601 in full range; only the primaries differ.
        colours = nclx(12, 13, 6, True)
        write(f"display_p3.{ending}", container(brands, [(1, kind, data, [config, size, colours])], 1))
        # The upper left quarter is transparent.
        alpha = np.full((64, 64), 255, np.uint8)
        alpha[:32, :32] = 0
        config, data = encode(quarters())
        own, plane = (hevc_grey if encode is hevc else av1_grey)(alpha)
        urn = b"urn:mpeg:hevc:2015:auxid:1\0" if encode is hevc else b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
        aux = full(b"auxC", 0, 0, urn)
        write(f"alpha.{ending}", container(
            brands, [(1, kind, data, [config, size, irot(1)]), (2, kind, plane, [own, size, aux])], 1, [(b"auxl", 2, [1])]))
        # Half of the picture's size, and turned by itself.
        config, data = encode(quarters(128, 128))
        write(f"alpha_small.{ending}", container(
            brands, [(1, kind, data, [config, ispe(128, 128), irot(1)]), (2, kind, plane, [own, size, aux, irot(1)])], 1,
            [(b"auxl", 2, [1])]))
        # What these code values mean in HDR is another picture; it is there to be read at all.
        config, data = encode(quarters(), 10)
        for name, transfer in [("pq", 16), ("hlg", 18)]:
            colours = nclx(9, transfer, 9, True)
            write(f"{name}.{ending}", container(brands, [(1, kind, data, [config, size, colours])], 1))
    config, data = av1(quarters(), 12)
    write("twelve_bits.avif", container([b"avif"], [(1, b"av01", data, [config, size])], 1))
    out = io.BytesIO()
    frames = [Image.fromarray(quarters()), Image.fromarray(np.full((64, 64, 3), 128, np.uint8))]
    frames[0].save(out, "AVIF", save_all=True, append_images=frames[1:], duration=100, quality=80)
    write("sequence.avif", out.getvalue())

    for name, data in [*raws(), *tiffs(), *profiled()]:
        write(name, data)
    out = io.BytesIO()
    Image.fromarray(quarters()).save(out, "JXL", lossless=True)
    write("lossless.jxl", out.getvalue())
    see_through = np.dstack([quarters(), np.full((64, 64), 255, np.uint8)])
    see_through[:32, :32, 3] = 0
    write("alpha.jxl", imagecodecs.jpegxl_encode(see_through, lossless=True))
    out = io.BytesIO()
    Image.fromarray(quarters()).save(out, "JPEG", quality=90, exif=b"Exif\0\0" + exif(6, 28)[4:])
    jpeg = out.getvalue()
    write("from_jpeg.jxl", imagecodecs.jpegxl_encode_jpeg(jpeg))
    grey = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 64, 0)
    write("grey.jxl", imagecodecs.jpegxl_encode(grey, lossless=True))

    def jpeg2000(image, name, **how):
        out = io.BytesIO()
        image.save(out, format="JPEG2000", **how)
        write(name, out.getvalue())

    jpeg2000(Image.fromarray(quarters()), "lossless.jp2")
    jpeg2000(Image.fromarray(quarters()), "lossy.j2k", irreversible=True, quality_mode="rates", quality_layers=[20], no_jp2=True)
    jpeg2000(Image.fromarray(see_through), "alpha.jp2")
    jpeg2000(Image.fromarray((grey.astype(np.uint16) << 8) | grey), "grey16.jp2")


def jpeg_of(width=64, height=64, **options):
    out = io.BytesIO()
    Image.fromarray(quarters(width, height)).save(out, "JPEG", quality=90, subsampling=0, **options)
    return out.getvalue()


def tiff(magic, directories):
    """Directories under each other: lists of (tag, type, value); ("sub", n) points at a directory, bytes at themselves."""
    sizes = [2 + 12 * len(entries) + 4 for entries in directories]
    starts = [8 + sum(sizes[:index]) for index in range(len(sizes))]
    at, data, out = 8 + sum(sizes), b"", magic + struct.pack("<I", 8)
    for entries in directories:
        out += struct.pack("<H", len(entries))
        for tag, kind, value in sorted(entries, key=lambda entry: entry[0]):
            if isinstance(value, tuple):
                value = starts[value[1]]
            elif isinstance(value, bytes):
                count = len(value) // 2 if kind == 3 else 1
                out += struct.pack("<HHII", tag, kind, count, at + len(data))
                data += value
                continue
            out += struct.pack("<HHI", tag, kind, 1)
            out += struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
        out += struct.pack("<I", 0)
    return out + data


def raws():
    """The structure of raw files; what would be the sensor's data is not there."""
    preview, thumbnail = jpeg_of(), jpeg_of(16, 16)
    lens = [(0xA405, 3, 35)]

    def with_preview(magic, jpeg, turn):
        picture = [(0x100, 4, 16), (0x101, 4, 16), (0x112, 3, turn), (0x201, 4, thumbnail), (0x202, 4, len(thumbnail)),
                   (0x14A, 4, ("sub", 1)), (0x8769, 4, ("sub", 2))]
        sensor = [(0x100, 4, 80), (0x101, 4, 72), (0x103, 3, 7), (0x111, 4, jpeg), (0x117, 4, len(jpeg))]
        return tiff(magic, [picture, sensor, lens])

    yield "turned.dng", with_preview(b"II*\0", preview, 6)
    yield "plain.orf", with_preview(b"IIRO", preview, 1)
    yield "plain.rw2", with_preview(b"IIU\0", preview, 1)
    yield "thumbnail.nef", with_preview(b"II*\0", thumbnail, 1)
    turned = jpeg_of(1024, 64, exif=b"Exif\0\0" + exif(8, 50)[4:])
    yield "turned.raf", b"FUJIFILMCCD-RAW 0201" + bytes(64) + turned
    canon = box(b"moov", box(b"uuid", bytes(16), box(b"CMT1", tiff(b"II*\0", [[(0x100, 4, 80), (0x112, 3, 3)]])),
                             box(b"CMT2", tiff(b"II*\0", [lens]))))
    yield "turned.cr3", box(b"ftyp", b"crx \0\0\0\1crx isom") + canon + box(b"mdat", thumbnail, preview)


def packed(array, bits):
    """Samples of so many bits behind each other, rows from whole bytes on."""
    rows = array.reshape(len(array), -1)
    flags = (rows[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(flags.reshape(len(array), -1).astype(np.uint8), axis=1).tobytes()


def tiffs():
    picture = quarters(32, 32)
    for name, options in [("palette.tif", {}), ("palette_lzw.tif", {"compression": "tiff_lzw"})]:
        out = io.BytesIO()
        Image.fromarray(picture).quantize(4).save(out, "TIFF", **options)
        yield name, out.getvalue()
    linear = np.where(picture <= 10, picture / 255 / 12.92, ((picture / 255 + 0.055) / 1.055) ** 2.4)
    for name, kind in [("half.tif", np.float16), ("double.tif", np.float64)]:
        yield name, tifffile_of(linear[::2, ::2].astype(kind), photometric="rgb")
    yield "float_grey.tif", tifffile_of(linear[..., 1].astype(np.float32), photometric="minisblack")
    yield "planar.tif", tifffile_of(np.moveaxis(picture, 2, 0).copy(), photometric="rgb", planarconfig="separate")
    yield "white_is_zero.tif", tifffile_of(65535 - 257 * picture[..., 1].astype(np.uint16), photometric="miniswhite")
    yield "big.tif", tifffile_of(picture, photometric="rgb", bigtiff=True)
    yield "jpeg.tif", tifffile_of(picture, photometric="ycbcr", compression="jpeg", subsampling=(2, 2))
    grey, wide = picture[..., 1].astype(int), picture.astype(int)
    for name, array, bits in [("four_bits.tif", grey, 4), ("twelve_bits.tif", wide, 12), ("fourteen_bits.tif", grey, 14)]:
        data = packed(array * ((1 << bits) - 1) // 255, bits)
        samples = 3 if array.ndim == 3 else 1
        widths = struct.pack("<3H", bits, bits, bits) if samples == 3 else bits
        yield name, tiff(b"II*\0", [[
            (0x100, 3, 32), (0x101, 3, 32), (0x102, 3, widths), (0x103, 3, 1), (0x106, 3, 2 if samples == 3 else 1),
            (0x111, 4, data), (0x115, 3, samples), (0x116, 3, 32), (0x117, 4, len(data)), (0x11C, 3, 1)]])


def tifffile_of(array, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, array, **options)
    return out.getvalue()


def profiled():
    """The quarters in other RGB spaces, with their ICC profiles."""
    out = io.BytesIO()
    Image.fromarray(p3(quarters(32, 32).astype(float))).save(out, "PNG", icc_profile=imagecodecs_p3())
    yield "display_p3.png", out.getvalue()
    yield "display_p3.jpg", jpeg_p3()


def imagecodecs_p3():
    return imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.3290, 1.0],
                                   primaries=[0.680, 0.320, 1.0, 0.265, 0.690, 1.0, 0.150, 0.060, 1.0],
                                   transferfunction=srgb_curve())


def srgb_curve():
    x = np.linspace(0, 1, 1024)
    curve = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return (65535 * curve).astype(np.uint16)


def jpeg_p3():
    out = io.BytesIO()
    Image.fromarray(p3(quarters(32, 32).astype(float))).save(out, "JPEG", quality=95, subsampling=0,
                                                           icc_profile=imagecodecs_p3())
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
